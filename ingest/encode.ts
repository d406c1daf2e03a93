import { encodeEvent } from './encode-events.ts';
import { encodeFeature } from './encode-features.ts';
import { ObservationEncoder } from './encode-observations.ts';
import { encodeRejection } from './encode-rejections.ts';
import { LOCATE_GRIDS, type LocateGrids } from './locate/grids.ts';
import type {
  EventItem,
  FeatureItem,
  LocatedEvent,
  LocatedFeature,
  RecordOutcome,
  StoredRejection,
} from './model/index.ts';
import { atOnce, inTurns, type Steps } from './turns.ts';
import type { BatchEncoder, DecodedEntry, EncodedColumns, PackedColumns } from './worker/decoded-entry.ts';
import { RecordPacker, unpackBatch } from './worker/packed-batch.ts';

/** An event or a feature that waits to be encoded: a polygon may take long. */
interface WaitingItem {
  readonly item: EventItem | FeatureItem;
  readonly record: number;
  readonly entry: DecodedEntry;
}

/**
 * Encodes entries over two grids as they come. Readings, the many, become columns at once, so that what was decoded need not be
 * kept; events and features are encoded at the end, piece by piece.
 */
class EntryEncoder {
  readonly #grids: LocateGrids;
  readonly #observations: ReturnType<ObservationEncoder['begin']>;
  readonly #records = new RecordPacker();
  readonly #rejections: StoredRejection[] = [];
  readonly #waiting: WaitingItem[] = [];

  constructor(grids: LocateGrids, observations: ObservationEncoder) {
    this.#grids = grids;
    this.#observations = observations.begin();
  }

  add(entry: DecodedEntry): void {
    this.#observations.add(entry, this.#records.n);
    const { outcomes, position, sourceId, origin, redelivery } = entry;
    const delivery = origin.transport === 'file' ? origin.delivery : '';
    for (let ordinal = 0; ordinal < outcomes.length; ordinal++) {
      const outcome = outcomes[ordinal]!;
      const record = this.#records.n;
      for (const item of outcome.items) {
        if (item.kind !== 'observation') this.#waiting.push({ item, record, entry });
      }
      const { refused, held } = this.#reject(outcome, record, ordinal, entry);
      this.#records.add(position, outcome.dataset, sourceId, delivery, refused, held, redelivery);
    }
  }

  *finish(): Steps<PackedColumns> {
    const events: LocatedEvent[] = [];
    const features: LocatedFeature[] = [];
    for (const { item, record, entry } of this.#waiting) {
      if (item.kind === 'event') {
        events.push(encodeEvent(item, record, entry.receivedAt, this.#grids));
        yield;
      } else {
        const datum = item.datum ?? entry.context.dataset(item.dataset)?.datum ?? 'wgs84';
        features.push(yield* encodeFeature(item, record, entry.receivedAt, datum, this.#grids));
      }
    }
    const records = this.#records.finish();
    return { ...this.#observations.finish(), events, features, rejections: this.#rejections, records };
  }

  #reject(outcome: RecordOutcome, record: number, ordinal: number, entry: DecodedEntry) {
    let refused = 0;
    let held = 0;
    for (const rejection of outcome.rejections) {
      if (rejection.disposition === 'held') held += rejection.readings;
      else refused += rejection.readings;
      this.#rejections.push(encodeRejection(rejection, record, ordinal, entry));
    }
    return { refused, held };
  }
}

/** The encoder of readings of the house: it keeps the places of fixed Things. */
const HOUSE = new ObservationEncoder(LOCATE_GRIDS);

/** An encoder for one batch, over the grids of the house. A delivery of outlines takes many seconds: others get their turn. */
export function beginBatch(): BatchEncoder {
  const encoder = new EntryEncoder(LOCATE_GRIDS, HOUSE);
  return { add: (entry) => encoder.add(entry), finish: () => inTurns(encoder.finish()) };
}

/** All entries at once: decoded entries in, the columns and objects of a `LoadBatch` out. */
export function encodeOutcomes(entries: readonly DecodedEntry[]): EncodedColumns {
  const encoder = new EntryEncoder(LOCATE_GRIDS, HOUSE);
  for (const entry of entries) encoder.add(entry);
  return unpackBatch({ ...atOnce(encoder.finish()), from: 0, to: 0, head: 0, declarations: [] });
}
