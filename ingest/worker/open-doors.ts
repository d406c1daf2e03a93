import { Worker } from 'node:worker_threads';
import { parseDeclarations } from '../declarations-check.ts';
import { IngestError } from '../ingest-error.ts';
import type { DoorCalls, DoorLine, DoorStart } from './door-calls.ts';
import type { Doors, DoorsOptions } from './doors.ts';
import { unpackBatch } from './packed-batch.ts';
import { createCaller, fromWire, toPort } from './rpc.ts';

/** How long a graceful stop may take before the thread is ended; what was acknowledged is on disk all the same. ms. */
const CLOSE_WAIT_MS = 15_000;

const DOOR_THREAD = new URL('./door-thread-boot.mjs', import.meta.url);

/**
 * Starts the door thread: journal, inbox, MQTT gateway. Resolves when the journal is open and files are taken; the device port
 * opens with the first `setPrincipals`, which rejects with the system's error when it is taken.
 *
 * @param thread - What the thread runs; for tests of its death.
 * @throws {IngestError} `journal-locked`, `journal-corrupt` and other faults of the journal.
 */
export async function openDoors(options: DoorsOptions, thread: URL = DOOR_THREAD): Promise<Doors> {
  const { onLog, ...workerData } = options;
  const worker = new Worker(thread, { name: 'jingwei-doors', execArgv: [], workerData });
  worker.on('message', (message: Partial<DoorLine>) => {
    if (message.log !== undefined) onLog?.(...message.log);
  });
  await started(worker);
  const ports = { mqtt: 0 };
  const caller = createCaller<DoorCalls>(toPort(worker));
  const listeners = new Set<(error: Error) => void>();
  let closing: Promise<void> | undefined;
  let fault: Error | undefined;
  const onEnd = (error: Error) => {
    if (fault !== undefined) return;
    caller.fail(
      closing === undefined ? error : new IngestError('closed', 'Cannot call: the doors are closed'),
    );
    if (closing !== undefined) return;
    fault = error;
    for (const listener of listeners) listener(error);
  };
  worker.on('error', (error) => onEnd(died(error)));
  worker.on('exit', (code) => onEnd(died(new Error(`exit code ${code}`))));

  async function close(): Promise<void> {
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const late = setTimeout(() => worker.terminate(), CLOSE_WAIT_MS);
    await caller.call('close', []).catch(() => undefined);
    await exited;
    clearTimeout(late);
  }

  return {
    ports,
    // Checked against the schema here: large lots would hold up the doors.
    declare: async (declarations) => caller.call('declare', [parseDeclarations(declarations)]),
    declarations: () => caller.call('declarations', []),
    setPrincipals: async (principals) => {
      ports.mqtt = await caller.call('setPrincipals', [principals]);
    },
    pull: async (from, maxReadings, waitMs, consumer = '') =>
      unpackBatch(await caller.call('pull', [from, maxReadings, waitMs, consumer])),
    accept: (raw) => {
      // A copy of its own: a view on a shared pool would be cloned with the whole pool.
      const bytes = new Uint8Array(raw.bytes);
      return caller.call('accept', [{ ...raw, bytes }], { transfer: [bytes.buffer] });
    },
    deliver: (path, fileName, mappingId, principal, onProgress) =>
      caller.call(
        'deliver',
        [path, fileName, mappingId, principal],
        onProgress === undefined ? {} : { onProgress },
      ),
    raw: (position) => caller.call('raw', [position]),
    positionAt: (at) => caller.call('positionAt', [at]),
    damageAt: (position) => caller.call('damageAt', [position]),
    release: (position) => caller.call('release', [position]),
    consumers: () => caller.call('consumers', []),
    registerConsumer: (name, position) => caller.call('registerConsumer', [name, position]),
    advanceConsumer: (name, position) => caller.call('advanceConsumer', [name, position]),
    removeConsumer: (name) => caller.call('removeConsumer', [name]),
    metrics: () => caller.call('metrics', []),
    onFault(listener) {
      listeners.add(listener);
      if (fault !== undefined) listener(fault);
    },
    close() {
      closing ??= fault === undefined ? close() : Promise.resolve();
      return closing;
    },
  };
}

/** Waits for the first message of the thread. */
function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number) => reject(died(new Error(`exit code ${code}`)));
    worker.once('error', reject);
    worker.once('exit', onExit);
    worker.on('message', function onStart(message: DoorStart | DoorLine) {
      if ('log' in message) return;
      worker.off('message', onStart);
      worker.off('error', reject);
      worker.off('exit', onExit);
      if ('started' in message) resolve();
      else reject(fromWire(message.failed));
    });
  });
}

function died(cause: Error): IngestError {
  return new IngestError('thread-died', `The door thread ended: ${cause.message}`, { cause });
}
