import { encodeEvent } from './encode-events.ts';
import { encodeFeature } from './encode-features.ts';
import { ObservationEncoder } from './encode-observations.ts';
import { encodeRejection } from './encode-rejections.ts';
import { LOCATE_GRIDS, type LocateGrids } from './locate/grids.ts';
import type { LocatedEvent, LocatedFeature, RecordSummary, StoredRejection } from './model/index.ts';
import { atOnce, inTurns, type Steps } from './turns.ts';
import type { DecodedEntry, EncodedColumns, EncodeOutcomes } from './worker/decoded-entry.ts';

/**
 * The encoder over two grids: decoded entries in, the columns and objects of a `LoadBatch` out. Pure but for caches that
 * follow the declaration objects; same entries, same columns.
 */
export function createEncoder(grids: LocateGrids): EncodeOutcomes {
  const steps = createSteps(grids);
  return (entries) => atOnce(steps(entries));
}

function createSteps(grids: LocateGrids): (entries: readonly DecodedEntry[]) => Steps<EncodedColumns> {
  const observationEncoder = new ObservationEncoder(grids);
  return function* (entries) {
    const events: LocatedEvent[] = [];
    const features: LocatedFeature[] = [];
    const rejections: StoredRejection[] = [];
    const records: RecordSummary[] = [];
    for (const entry of entries) {
      for (const [ordinal, outcome] of entry.outcomes.entries()) {
        const record = records.length;
        for (const item of outcome.items) {
          if (item.kind === 'event') events.push(encodeEvent(item, record, entry.receivedAt, grids));
          else if (item.kind === 'feature') {
            const datum = item.datum ?? entry.context.dataset(item.dataset)?.datum ?? 'wgs84';
            features.push(yield* encodeFeature(item, record, entry.receivedAt, datum, grids));
          }
        }
        let refused = 0;
        let held = 0;
        for (const rejection of outcome.rejections) {
          if (rejection.disposition === 'held') held += rejection.readings;
          else refused += rejection.readings;
          rejections.push(encodeRejection(rejection, record, ordinal, entry));
        }
        records.push(summary(entry, outcome.dataset, refused, held));
      }
    }
    return { ...observationEncoder.encode(entries), events, features, rejections, records };
  };
}

/** The encoder over the grids of the house. */
export const encodeOutcomes: EncodeOutcomes = createEncoder(LOCATE_GRIDS);

const houseSteps = createSteps(LOCATE_GRIDS);

/** As `encodeOutcomes`, but others get their turn in between: a delivery of outlines takes many seconds. */
export function encodeInTurns(entries: readonly DecodedEntry[]): Promise<EncodedColumns> {
  return inTurns(houseSteps(entries));
}

function summary(entry: DecodedEntry, dataset: string, refused: number, held: number): RecordSummary {
  return {
    position: entry.position,
    dataset,
    sourceId: entry.sourceId,
    delivery: entry.origin.transport === 'file' ? entry.origin.delivery : '',
    refused,
    held,
    redelivery: entry.redelivery,
  };
}
