/** Everything that lives in the door thread, wired: journal, pipeline, gateway, file door, inbox. */
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DeclarationHistory } from '../declarations-history.ts';
import { beginBatch } from '../encode.ts';
import type { EventLog } from '../event-log.ts';
import { openJournal } from '../journal/file-journal.ts';
import type { FileJournal } from '../journal/journal-contract.ts';
import type { Principal } from '../model/index.ts';
import { createPipeline } from '../pipeline.ts';
import type { Pipeline } from '../pipeline-contract.ts';
import { SOURCES, sourceForTopic } from '../registry.ts';
import { createFileDoor, type FileDoor } from '../transports/file/file-door.ts';
import { startInbox } from '../transports/file/inbox.ts';
import { type MqttGateway, startMqttGateway } from '../transports/mqtt/index.ts';
import { placeOf } from './door-log.ts';
import type { DoorsMetrics, DoorThreadOptions } from './doors.ts';
import { createJournalCalls, type JournalCalls } from './journal-calls.ts';

/** Delay of the event loop is told over windows of this length, ms. */
const DELAY_WINDOW_MS = 10_000;

/** The doors from inside their thread. */
export interface DoorHouse {
  /** File names of half-written tails that were cut off. */
  readonly torn: readonly string[];
  readonly pipeline: Pipeline;
  readonly fileDoor: FileDoor;
  readonly journal: JournalCalls;
  /** As `Pipeline.declare`; files that waited for what is declared now are taken. */
  declare: Pipeline['declare'];
  /** Who may connect; the first call opens the port. Resolves with it. */
  setPrincipals(principals: readonly Principal[]): Promise<number>;
  metrics(): DoorsMetrics;
  close(): Promise<void>;
}

/** Opens journal and doors. What was opened is closed again when a later part fails. */
export async function startDoorHouse(options: DoorThreadOptions, log: EventLog): Promise<DoorHouse> {
  const clock = () => Date.now();
  const declarations = new DeclarationHistory();
  const journal = await openJournal({
    dir: join(options.dataDir, 'journal'),
    ...options.journal,
    clock,
    log,
    snapshot: () => declarations.current.list(),
    onControl: (entry) => declarations.replay(entry.declarations),
  });
  try {
    return await openHouse(options, journal, declarations, clock, log);
  } catch (error) {
    await journal.close();
    throw error;
  }
}

async function openHouse(
  options: DoorThreadOptions,
  journal: FileJournal,
  declarations: DeclarationHistory,
  clock: () => number,
  log: EventLog,
): Promise<DoorHouse> {
  const pipeline = await createPipeline({
    journal,
    declarations,
    sources: SOURCES,
    beginBatch,
    clock,
    skipDamaged: options.journal.skipDamaged ?? false,
    onDecoderFault: (sourceId, error) => log('decoder-fault', { sourceId, ...placeOf(error) }),
  });
  const fileDoor = createFileDoor({
    sink: pipeline,
    declared: () => pipeline.declared,
    sources: SOURCES,
    dataDir: options.dataDir,
    clock,
  });
  const gateway = new LateGateway(() =>
    startMqttGateway(options.mqtt, pipeline, {
      sourceForTopic: (topic) => sourceForTopic(topic)?.id,
      clock,
      log,
    }),
  );
  const inbox = await startInbox({
    ...options.inbox,
    dataDir: options.dataDir,
    fileDoor,
    journal,
    declared: () => pipeline.declared,
    log,
  });
  const delay = createDelayMeter();
  return {
    torn: journal.torn.map((one) => one.kept),
    pipeline,
    fileDoor,
    journal: createJournalCalls(journal),
    declare: async (changes) => {
      const answer = await pipeline.declare(changes);
      if (answer.changed > 0) inbox.onDeclared();
      return answer;
    },
    setPrincipals: (principals) => gateway.setPrincipals(principals),
    metrics: () => metricsOf(journal, pipeline, gateway.metrics(), delay.p99Ms()),
    close: async () => {
      // Doors first, so that what they hold is still written; then the journal, which syncs it.
      await Promise.all([inbox.close(), gateway.close()]);
      pipeline.close();
      delay.close();
      await journal.close();
    },
  };
}

/**
 * The gateway, opened only once it is known who may connect: a device that came back before would be refused with good
 * credentials, and many a client takes that for final.
 */
class LateGateway {
  readonly #start: () => Promise<MqttGateway>;
  #starting: Promise<MqttGateway> | undefined;
  #gateway: MqttGateway | undefined;
  #newest: readonly Principal[] = [];

  constructor(start: () => Promise<MqttGateway>) {
    this.#start = start;
  }

  async setPrincipals(principals: readonly Principal[]): Promise<number> {
    this.#newest = principals;
    // In the turn in which the port is open; no connection is looked at before.
    this.#starting ??= this.#start().then((gateway) => {
      gateway.setPrincipals(this.#newest);
      this.#gateway = gateway;
      return gateway;
    });
    this.#gateway?.setPrincipals(principals);
    return (await this.#starting).port;
  }

  metrics(): ReturnType<MqttGateway['metrics']> | undefined {
    return this.#gateway?.metrics();
  }

  async close(): Promise<void> {
    const gateway = await this.#starting?.catch(() => undefined);
    await gateway?.close();
  }
}

function metricsOf(
  journal: FileJournal,
  pipeline: Pipeline,
  mqtt: ReturnType<MqttGateway['metrics']> | undefined,
  eventLoopDelayMsP99: number,
): DoorsMetrics {
  const disk = journal.stats();
  const { rejected, redeliveries } = pipeline.metrics();
  return {
    head: journal.head,
    tail: journal.tail,
    connections: mqtt?.connections ?? 0,
    messagesReceived: mqtt?.messagesReceived ?? 0,
    messagesAcknowledged: mqtt?.messagesAcknowledged ?? 0,
    bytesReceived: mqtt?.bytesReceived ?? 0,
    rejected,
    redeliveries,
    journalBytes: disk.bytes,
    journalSyncs: disk.syncs,
    journalSyncMsMax: disk.syncMsMax,
    pendingBytes: journal.pendingBytes,
    connectionsRefused: mqtt?.connectionsRefused ?? 0,
    journalFault: disk.fault?.message ?? null,
    journalSegments: disk.segments,
    journalPackedSegments: disk.packedSegments,
    journalPackedBytes: disk.packedBytes,
    journalPackedFromBytes: disk.packedFromBytes,
    journalDeletedSegments: disk.deletedSegments,
    journalOldestAt: disk.oldestAt,
    journalReleased: disk.released,
    journalConsumers: disk.consumers,
    journalUpkeepFault: disk.upkeepFault?.message ?? null,
    journalDamaged: disk.damaged,
    eventLoopDelayMsP99,
  };
}

/** p99 delay of the event loop over the last one to two windows, ms. */
function createDelayMeter(): { p99Ms(): number; close(): void } {
  const histogram = monitorEventLoopDelay({ resolution: 10 });
  histogram.enable();
  // The histogram measures the whole interval of its timer; what is over it is delay.
  const current = () => (histogram.count === 0 ? 0 : Math.max(0, histogram.percentile(99) / 1e6 - 10));
  let before = 0;
  const timer = setInterval(() => {
    before = current();
    histogram.reset();
  }, DELAY_WINDOW_MS);
  timer.unref();
  return {
    p99Ms: () => Math.max(before, current()),
    close: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
