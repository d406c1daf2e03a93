/**
 * A journal that is a formula: entry by number, so that a store killed and opened again can be fed from wherever it asks
 * to go on, and what it has to hold at any position is known without having kept it.
 */
import {
  dataset,
  makeBatch,
  makeEvent,
  makeFeature,
  makeRecord,
  makeRejection,
  type ReadingInput,
  thing,
} from '../../analytics/store/fixtures.ts';
import type { LoadBatch, RecordSummary } from '../../ingest/model/index.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Instant of entry 0: 2026-03-01T00:00:00Z. */
const START = Date.UTC(2026, 2, 1);
/** So many entries make a day: a run of a few seconds goes through days, and a month. */
export const ENTRIES_PER_DAY = 24;
const ENTRY_MS = DAY_MS / ENTRIES_PER_DAY;

const THINGS = 12;
/** Fresh readings of an entry, in records of `RECORD_READINGS`. */
const RECORDS = 4;
const RECORD_READINGS = 10;
export const READINGS_PER_ENTRY = RECORDS * RECORD_READINGS;
/** Every so many entries: an event, a feature, a rejection. */
const EVENT_EVERY = 5;
const FEATURE_EVERY = 11;
const REJECTION_EVERY = 3;

/** Arrival of an entry, UTC ms. */
export function arrivalOf(entry: number): number {
  return START + entry * ENTRY_MS;
}

/** Entries `[from, to)` as the doors would hand them over. */
export function journalBatch(from: number, to: number): LoadBatch {
  const records: RecordSummary[] = [];
  const readings: ReadingInput[] = [];
  const recordOf = (position: number, datasetId: string, refused = 0) => {
    records.push(makeRecord({ position, dataset: datasetId, refused }));
    return records.length - 1;
  };
  const events = [];
  const features = [];
  const rejections = [];
  for (let entry = from; entry < to; entry++) {
    for (let r = 0; r < RECORDS; r++) {
      const record = recordOf(entry, datasetOf(r));
      for (let i = 0; i < RECORD_READINGS; i++) readings.push({ ...reading(entry, r, i), record });
    }
    // Sent again some entries later, as a device does that had no answer: a duplicate.
    if (entry >= 2) readings.push({ ...reading(entry - 2, 0, 3), record: recordOf(entry, datasetOf(0)) });
    const receivedAt = arrivalOf(entry);
    if (entry % EVENT_EVERY === 0) {
      // Two entries make one event: the second is a newer version of it.
      const key = `case-${Math.floor(entry / EVENT_EVERY / 2)}`;
      const record = recordOf(entry, 'hotline');
      events.push(
        makeEvent({ record, key, start: receivedAt, updated: receivedAt, title: `seen in ${entry}` }),
      );
    }
    if (entry % FEATURE_EVERY === 0) {
      const record = recordOf(entry, 'schools');
      features.push(makeFeature({ record, key: `school-${entry}`, validFrom: receivedAt }));
    }
    if (entry % REJECTION_EVERY === 0) {
      const record = recordOf(entry, 'air', 1);
      rejections.push(makeRejection({ position: entry, record, receivedAt }));
    }
  }
  const batch = makeBatch({
    from,
    to,
    readings,
    records,
    events,
    features,
    rejections,
    declarations: from === 0 ? declarations() : [],
  });
  return { ...batch, newestReceivedAt: arrivalOf(to - 1) };
}

/** What the index has to hold at a position. */
export interface Expected {
  /** Sum over the entries before it. Every fresh reading's result is a number that occurs once. */
  readonly observations: number;
  readonly duplicateReadings: number;
  readonly events: number;
  readonly features: number;
  readonly rejections: number;
}

export function expectedAt(position: number): Expected {
  const every = (count: number) => Math.ceil(position / count);
  return {
    observations: position * READINGS_PER_ENTRY,
    duplicateReadings: Math.max(0, position - 2),
    events: Math.ceil(every(EVENT_EVERY) / 2),
    features: every(FEATURE_EVERY),
    rejections: every(REJECTION_EVERY),
  };
}

/** The result of a reading tells which it is: `entry * READINGS_PER_ENTRY + ordinal`. */
export function resultOf(entry: number, record: number, ordinal: number): number {
  return entry * READINGS_PER_ENTRY + record * RECORD_READINGS + ordinal;
}

/** When a reading was made, and in which dataset, by its result. */
export function originOf(result: number): { readonly dataset: string; readonly time: number } {
  const entry = Math.floor(result / READINGS_PER_ENTRY);
  const within = result - entry * READINGS_PER_ENTRY;
  const record = Math.floor(within / RECORD_READINGS);
  const { time } = reading(entry, record, within - record * RECORD_READINGS);
  return { dataset: datasetOf(record), time };
}

function datasetOf(record: number): string {
  return ['air', 'air', 'buses', 'archive'][record]!;
}

function reading(entry: number, record: number, ordinal: number): ReadingInput {
  const result = resultOf(entry, record, ordinal);
  // A spread that needs no chance: the same reading for the same number.
  const spread = (result * 0.618033988749895) % 1;
  // One record of four is late, by up to five days: some of it too late for a table of its day. The archive reaches back into
  // the month before. In steps of a day, so that the hours there are stay few enough to roll up.
  const lateMs =
    record === 1 ? Math.floor(spread * 6) * DAY_MS : record === 3 ? Math.floor(spread * 3) * 14 * DAY_MS : 0;
  return {
    dataset: datasetOf(record),
    thing: `${datasetOf(record)}-${ordinal % THINGS}`,
    time: Math.floor(arrivalOf(entry) - MINUTE_MS * (ordinal + 1) - lateMs),
    result,
    lonLat: [104 + spread, 35 + ((result * 0.41421356) % 1)],
  };
}

function declarations() {
  return [
    dataset('air'),
    dataset('buses'),
    dataset('archive', {
      timeRange: { mode: 'archive', from: '2025-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' },
    }),
    dataset('hotline'),
    dataset('schools'),
    thing('air-0', 'air'),
  ];
}
