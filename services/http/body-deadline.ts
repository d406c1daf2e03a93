/** Time limits for the body of a request: nobody holds a connection by sending half of one. */
import type { Request, Response } from 'express';
import { HttpProblem, mapError } from '../problem.ts';

/** How long a body may take, ms. */
export interface BodyDeadlines {
  /** Of somebody who has not proved who they are: a name and a password at most. */
  readonly strangerMs: number;
  /** Of somebody known, for a body that is read whole into memory: 8 MiB over 4 Mbit/s. */
  readonly wholeMs: number;
  /** For a file that is streamed: not of the whole, but without a single byte. */
  readonly idleMs: number;
}

export const BODY_DEADLINES: BodyDeadlines = { strangerMs: 5_000, wholeMs: 20_000, idleMs: 60_000 };

/** The clock of one request's body; it stops by itself when the body is there or the connection gone. */
export interface BodyClock {
  /** The sender is known and the body one that is read whole. */
  allowWhole(): void;
  /** The sender is known and the body a stream: from now on only a standstill counts. */
  allowStream(): void;
}

const IDLE_LOOKS = 4;
const NO_CLOCK: BodyClock = { allowWhole() {}, allowStream() {} };

/**
 * Starts the clock with the deadline of a stranger. Beyond the deadline the answer is 408 `body-too-slow` where none has
 * begun, and the connection ends either way.
 */
export function startBodyClock(req: Request, res: Response, deadlines: BodyDeadlines): BodyClock {
  // Without these there is no body (RFC 9112 section 6.3).
  const { 'content-length': length, 'transfer-encoding': coding } = req.headers;
  if (coding === undefined && (length === undefined || Number(length) === 0)) return NO_CLOCK;
  const began = performance.now();
  let timer: NodeJS.Timeout;
  const stop = () => clearTimeout(timer);
  const cut = () => {
    if (req.complete || req.destroyed) return;
    if (!res.headersSent) refuse(res);
    // The answer is out or on its way: the rest of the body is all that keeps the connection.
    else req.socket.destroy();
  };
  const until = (ms: number) => {
    stop();
    // One look at the sockets first: after a long pause of our own the body may be waiting there.
    timer = setTimeout(() => setImmediate(cut), Math.max(0, ms - (performance.now() - began)));
  };
  until(deadlines.strangerMs);
  req.once('end', stop).once('close', stop);
  return {
    allowWhole: () => until(deadlines.wholeMs),
    allowStream() {
      stop();
      let before = req.socket.bytesRead;
      let still = 0;
      const look = () => {
        const now = req.socket.bytesRead;
        still = now === before ? still + 1 : 0;
        before = now;
        if (still >= IDLE_LOOKS) cut();
        else timer = setTimeout(look, deadlines.idleMs / IDLE_LOOKS);
      };
      timer = setTimeout(look, deadlines.idleMs / IDLE_LOOKS);
    },
  };
}

function refuse(res: Response): void {
  const slow = new HttpProblem(408, 'body-too-slow', 'The body did not arrive in time');
  const { problem } = mapError(slow, String(res.locals.requestId ?? ''));
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Connection', 'close');
  res.status(problem.status).type('application/problem+json');
  res.end(JSON.stringify(problem));
}
