/** What other rooms may use of the ingest room. */
export { IngestError, type IngestErrorCode, isIngestError } from './ingest-error.ts';
export {
  inspectSegment,
  type SegmentFile,
  type SegmentReport,
  segmentFiles,
  unreleaseJournal,
} from './journal/inspect-segments.ts';
export { acquireLock as lockJournal, type JournalLock } from './journal/lock.ts';
export {
  type DeclarationFile,
  type DoorSection,
  type MqttReplayDoor,
  matchFile,
  readDeclarationFile,
} from './open-declarations.ts';
export { SOURCES, type SourceId, sourceForTopic } from './registry.ts';
export { type ReplayMessage, replayMessages } from './replay.ts';
export type { DoorLog, DoorLogLevel } from './worker/door-log.ts';
export type { DeliveryReport, Doors, DoorsMetrics, DoorsOptions } from './worker/doors.ts';
export { openDoors } from './worker/open-doors.ts';
