/** The thread that codes streams: sessions side by side, each in the order of its bytes. */
import { parentPort } from 'node:worker_threads';
import { openSession } from './open-session.ts';
import type { CodingSession } from './session.ts';
import { faultOf, type StreamAnswer, type StreamCall } from './thread-messages.ts';

interface Open {
  readonly session: CodingSession;
  /** The call under way: the next waits for it. */
  last: Promise<unknown>;
}

const port = parentPort!;
const sessions = new Map<number, Open>();

port.on('message', (message: StreamCall) => {
  if ('close' in message) {
    sessions.delete(message.session);
    return;
  }
  if ('open' in message)
    sessions.set(message.session, { session: openSession(message.open), last: Promise.resolve() });
  const open = sessions.get(message.session);
  if (open === undefined) return;
  const { session } = open;
  open.last = open.last.then(async () => {
    try {
      const bytes =
        'push' in message
          ? await session.push(message.push)
          : 'end' in message
            ? await session.end()
            : NOTHING;
      answer(message.call, bytes, session.account);
    } catch (error) {
      port.postMessage({ call: message.call, fault: faultOf(error) } satisfies StreamAnswer);
    }
  });
});

const NOTHING = new Uint8Array();

function answer(call: number, bytes: Uint8Array, { rows, refused }: CodingSession['account']): void {
  // Of its own: a view on a shared pool would be cloned with the whole pool.
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  port.postMessage({ call, bytes: own, rows, refused } satisfies StreamAnswer, [own.buffer as ArrayBuffer]);
}
