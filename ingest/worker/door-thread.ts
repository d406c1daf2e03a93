/** The door thread: started by `openDoors`, lives until it is told to close. */
import { parentPort, type Transferable, workerData } from 'node:worker_threads';
import type { DoorCalls, DoorLine, DoorStart } from './door-calls.ts';
import { type DoorHouse, startDoorHouse } from './door-house.ts';
import { createDoorLog } from './door-log.ts';
import type { DoorThreadOptions } from './doors.ts';
import { buffersOf, type PackedBatch } from './packed-batch.ts';
import { serveCalls, toPort, toWire } from './rpc.ts';

const port = parentPort;
if (port === null) throw new Error('Cannot run the door thread: it must be started as a worker');

const log = createDoorLog((...line) => post({ log: line }));

startDoorHouse(workerData as DoorThreadOptions, log).then(
  (house) => {
    serveCalls<DoorCalls>(toPort(port), handlersOf(house), transferOf);
    post({ started: { torn: house.torn } });
  },
  (error: unknown) => {
    post({ failed: toWire(error) });
    port.close();
  },
);

function post(message: DoorStart | DoorLine): void {
  port?.postMessage(message);
}

function handlersOf(house: DoorHouse): Parameters<typeof serveCalls<DoorCalls>>[1] {
  return {
    declare: (_progress, declarations) => house.declare(declarations),
    declarations: () => house.pipeline.declared.list(),
    setPrincipals: (_progress, principals) => house.setPrincipals(principals),
    pull: (_progress, from, maxReadings, waitMs, consumer) =>
      house.pipeline.pullPacked(from, maxReadings, waitMs, consumer),
    accept: (_progress, raw) => house.pipeline.accept(raw),
    deliver: (progress, path, fileName, mappingId, principal) =>
      house.fileDoor.deliver(path, fileName, mappingId, principal, { onProgress: progress }),
    raw: (_progress, position) => house.pipeline.raw(position),
    positionAt: (_progress, at) => house.journal.positionAt(at),
    damageAt: (_progress, position) => house.journal.damageAt(position),
    release: (_progress, position) => house.journal.release(position),
    consumers: () => house.journal.consumers(),
    registerConsumer: (_progress, name, position) => house.journal.registerConsumer(name, position),
    advanceConsumer: (_progress, name, position) => house.journal.advanceConsumer(name, position),
    removeConsumer: (_progress, name) => house.journal.removeConsumer(name),
    metrics: () => house.metrics(),
    close: async () => {
      await house.close();
      // After the answer has left nothing keeps the thread alive.
      setImmediate(() => port?.close());
    },
  };
}

/** The columns of a batch change hands; what is small is copied. */
function transferOf(value: unknown): readonly Transferable[] {
  const batch = value as PackedBatch | undefined;
  return batch?.observations === undefined ? [] : buffersOf(batch);
}
