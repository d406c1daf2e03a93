/**
 * The main thread's way to the threads that code streams: one for text, one for Arrow, whose reader may be led astray by broken bytes. A
 * thread is started with its first stream and ends when no stream came for a while.
 */
import { Worker } from 'node:worker_threads';
import { CodingError } from './coding-error.ts';
import { checkHeightName } from './height-column.ts';
import type { StreamRequest } from './open-session.ts';
import { errorOf, type StreamAnswer, type StreamCall } from './thread-messages.ts';

/** Streams at once: each holds some blocks of a client's bytes, and all of a kind share one thread. */
export const MAX_STREAMS = 16;
/** A thread without work costs some 60 MB of memory; starting it again some 0.5 s. ms. */
const IDLE_MS = 60_000;
/** A thread that owes an answer for so long has lost its way: the longest take some seconds, behind those of 15 others. ms. */
const ANSWER_MS = 120_000;
/** Largest heap of a thread: 16 JSON arrays or record batches, several times over. MB. */
const HEAP_MB = 1024;

const MEMORY_FAULT =
  'A stream needed more memory than the thread may have. Send smaller record batches; or send it again, where another stream was the cause';

const BOOT = new URL('./coding-boot.mjs', import.meta.url);

/** One stream. Calls may follow each other without waiting; answers come in order. */
export interface RemoteSession {
  push(bytes: Uint8Array): Promise<Uint8Array>;
  end(): Promise<Uint8Array>;
  /** As of the newest answer. */
  readonly account: { readonly rows: number; readonly refused: number };
  /** Must be called, whatever happened. */
  close(): void;
}

export interface StreamCoder {
  /** @throws {CodingError} `busy`, `height-undeclared`. */
  open(request: StreamRequest): RemoteSession;
  readonly counts: {
    readonly rows: number;
    readonly refused: number;
    readonly open: number;
    readonly turnedAway: number;
  };
  close(): Promise<void>;
}

interface Pending {
  readonly session: number;
  resolve(answer: Extract<StreamAnswer, { bytes: unknown }>): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
  /** Why it is no more. */
  ended?: Error;
  /** It owes an answer for too long: it is ended, and its streams with it. */
  lose(): void;
}

type ThreadKind = 'text' | 'arrow';

/**
 * @param onFault - Told when a thread died; the next stream starts another.
 * @param limits - For tests. ms.
 */
export function createStreamCoder(
  onFault: (error: Error) => void,
  { idleMs = IDLE_MS, answerMs = ANSWER_MS }: { readonly idleMs?: number; readonly answerMs?: number } = {},
): StreamCoder {
  const threads = new Map<ThreadKind, Thread>();
  let idle: NodeJS.Timeout | undefined;
  let closed = false;
  let next = 0;
  const counts = { rows: 0, refused: 0, open: 0, turnedAway: 0 };

  function start(kind: ThreadKind): Thread {
    const worker = new Worker(BOOT, {
      name: 'jingwei-coding',
      execArgv: [],
      workerData: { run: 'stream' },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    const started: Thread = { worker, pending: new Map(), lose: () => undefined };
    worker.on('message', (answer: StreamAnswer) => {
      const waiting = started.pending.get(answer.call);
      started.pending.delete(answer.call);
      if ('fault' in answer) waiting?.reject(errorOf(answer.fault));
      else waiting?.resolve(answer);
    });
    const ended = (error: Error) => {
      if (threads.get(kind) === started) threads.delete(kind);
      started.ended ??= error;
      const lost = [...started.pending.values()];
      started.pending.clear();
      for (const one of lost) one.reject(started.ended);
    };
    worker.on('error', (error: Error & { code?: string }) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      ended(isMemory ? new CodingError('too-large', MEMORY_FAULT, { cause: error }) : error);
      onFault(error);
    });
    worker.on('exit', (code) => ended(new Error(`The coding thread ended with exit code ${code}`)));
    started.lose = () => {
      const error = new Error(`The coding thread has answered nothing for ${answerMs} ms`);
      ended(error);
      onFault(error);
      void worker.terminate();
    };
    threads.set(kind, started);
    return started;
  }

  async function stop(): Promise<void> {
    const ending = [...threads.values()];
    threads.clear();
    await Promise.all(ending.map(({ worker }) => worker.terminate()));
  }

  function rest(): void {
    if (counts.open > 0 || closed) return;
    idle = setTimeout(() => void stop(), idleMs).unref();
  }

  return {
    counts,
    open(request) {
      if (closed) throw new CodingError('busy', 'The server is stopping');
      if (counts.open >= MAX_STREAMS) {
        counts.turnedAway += 1;
        throw new CodingError('busy', `${MAX_STREAMS} streams are being coded: send it again later`);
      }
      if (request.direction === 'encode') checkHeightName(request.plan, request.fields.height);
      clearTimeout(idle);
      const kind = request.form === 'arrow' ? 'arrow' : 'text';
      counts.open += 1;
      const own = threads.get(kind) ?? start(kind);
      const { worker, pending } = own;
      const session = next++;
      const account = { rows: 0, refused: 0 };
      const call = (message: object, transfer: ArrayBuffer[] = []): Promise<Uint8Array> => {
        // A thread that has died answers nothing any more.
        if (own.ended !== undefined) return Promise.reject(own.ended);
        const id = next++;
        return new Promise<Uint8Array>((resolve, reject) => {
          const patience = setTimeout(own.lose, answerMs).unref();
          pending.set(id, {
            session,
            reject(error) {
              clearTimeout(patience);
              reject(error);
            },
            resolve({ bytes, rows, refused }) {
              clearTimeout(patience);
              counts.rows += rows - account.rows;
              counts.refused += refused - account.refused;
              account.rows = rows;
              account.refused = refused;
              resolve(bytes);
            },
          });
          worker.postMessage({ call: id, session, ...message }, transfer);
        });
      };
      // Its answer is of no interest: a plan that is a plan opens.
      call({ open: request }).catch(() => undefined);
      let gone = false;
      return {
        account,
        push(bytes) {
          const copy = new Uint8Array(bytes);
          return call({ push: copy }, [copy.buffer]);
        },
        end: () => call({ end: true }),
        close() {
          if (gone) return;
          gone = true;
          counts.open -= 1;
          worker.postMessage({ session, close: true } satisfies StreamCall);
          rest();
        },
      };
    },
    async close() {
      closed = true;
      clearTimeout(idle);
      await stop();
    },
  };
}
