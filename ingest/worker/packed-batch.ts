/**
 * A `LoadBatch` on its way between threads. Cloning an object for each record and each Datastream costs more than
 * everything else of the journey, so both travel as columns and are made objects again where they arrive.
 */
import type { DatastreamKey, LoadBatch, Position, RecordSummary } from '../model/index.ts';

/** Record summaries as columns, shape (n) each. `about` indexes `abouts`: few kinds of record come together. */
export interface PackedRecords {
  readonly n: number;
  readonly position: Float64Array;
  readonly about: Uint32Array;
  readonly abouts: readonly Pick<RecordSummary, 'dataset' | 'sourceId' | 'delivery'>[];
  readonly refused: Uint32Array;
  readonly held: Uint32Array;
  readonly redelivery: Uint8Array;
}

/** Keys of Datastreams as three lists of texts, each text once, and shape (n, 3) indexes into them. */
export interface PackedKeys {
  readonly n: number;
  readonly datasets: readonly string[];
  readonly things: readonly string[];
  readonly properties: readonly string[];
  readonly indexes: Uint32Array;
}

export type PackedBatch = Omit<LoadBatch, 'records' | 'datastreams'> & {
  readonly records: PackedRecords;
  readonly datastreams: PackedKeys;
};

/** Gathers record summaries in columns that grow. */
export class RecordPacker {
  #position = new Float64Array(1024);
  #about = new Uint32Array(1024);
  #refused = new Uint32Array(1024);
  #held = new Uint32Array(1024);
  #redelivery = new Uint8Array(1024);
  readonly #abouts: { dataset: string; sourceId: string; delivery: string }[] = [];
  readonly #aboutByText = new Map<string, number>();
  #last = -1;
  #n = 0;

  /** Records so far: the number of the next one. */
  get n(): number {
    return this.#n;
  }

  add(
    position: Position,
    dataset: string,
    sourceId: string,
    delivery: string,
    refused: number,
    held: number,
    redelivery: boolean,
  ): void {
    if (this.#n === this.#position.length) this.#grow();
    const last = this.#abouts[this.#last];
    if (last?.dataset !== dataset || last.sourceId !== sourceId || last.delivery !== delivery) {
      this.#last = this.#aboutOf(dataset, sourceId, delivery);
    }
    this.#position[this.#n] = position;
    this.#about[this.#n] = this.#last;
    this.#refused[this.#n] = refused;
    this.#held[this.#n] = held;
    this.#redelivery[this.#n] = redelivery ? 1 : 0;
    this.#n++;
  }

  finish(): PackedRecords {
    const n = this.#n;
    return {
      n,
      position: this.#position.slice(0, n),
      about: this.#about.slice(0, n),
      abouts: this.#abouts,
      refused: this.#refused.slice(0, n),
      held: this.#held.slice(0, n),
      redelivery: this.#redelivery.slice(0, n),
    };
  }

  #aboutOf(dataset: string, sourceId: string, delivery: string): number {
    const text = JSON.stringify([dataset, sourceId, delivery]);
    let about = this.#aboutByText.get(text);
    if (about === undefined) {
      about = this.#abouts.push({ dataset, sourceId, delivery }) - 1;
      this.#aboutByText.set(text, about);
    }
    return about;
  }

  #grow(): void {
    const size = 2 * this.#n;
    this.#position = grown(this.#position, new Float64Array(size));
    this.#about = grown(this.#about, new Uint32Array(size));
    this.#refused = grown(this.#refused, new Uint32Array(size));
    this.#held = grown(this.#held, new Uint32Array(size));
    this.#redelivery = grown(this.#redelivery, new Uint8Array(size));
  }
}

/** The values of `column` at the beginning of `into`. */
export function grown<T extends { set(values: T): void }>(column: T, into: T): T {
  into.set(column);
  return into;
}

/** Summaries as columns. */
export function packRecords(records: readonly RecordSummary[]): PackedRecords {
  const packer = new RecordPacker();
  for (const { position, dataset, sourceId, delivery, refused, held, redelivery } of records) {
    packer.add(position, dataset, sourceId, delivery, refused, held, redelivery);
  }
  return packer.finish();
}

export function packKeys(keys: readonly DatastreamKey[]): PackedKeys {
  const lists = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()] as const;
  const indexes = new Uint32Array(keys.length * 3);
  const number = (list: Map<string, number>, text: string) => {
    let index = list.get(text);
    if (index === undefined) {
      index = list.size;
      list.set(text, index);
    }
    return index;
  };
  keys.forEach(({ dataset, thing, property }, i) => {
    indexes[3 * i] = number(lists[0], dataset);
    indexes[3 * i + 1] = number(lists[1], thing);
    indexes[3 * i + 2] = number(lists[2], property);
  });
  const [datasets, things, properties] = lists.map((list) => [...list.keys()]) as [
    string[],
    string[],
    string[],
  ];
  return { n: keys.length, datasets, things, properties, indexes };
}

/** The batch as an index takes it. */
export function unpackBatch(packed: PackedBatch): LoadBatch {
  const { records, datastreams: keys, ...rest } = packed;
  const summaries: RecordSummary[] = new Array(records.n);
  for (let i = 0; i < records.n; i++) {
    const { dataset, sourceId, delivery } = records.abouts[records.about[i]!]!;
    summaries[i] = {
      position: records.position[i]!,
      dataset,
      sourceId,
      delivery,
      refused: records.refused[i]!,
      held: records.held[i]!,
      redelivery: records.redelivery[i] === 1,
    };
  }
  const datastreams = Array.from({ length: keys.n }, (_, i) => ({
    dataset: keys.datasets[keys.indexes[3 * i]!]!,
    thing: keys.things[keys.indexes[3 * i + 1]!]!,
    property: keys.properties[keys.indexes[3 * i + 2]!]!,
  }));
  return { ...rest, records: summaries, datastreams };
}

/** The buffers of a batch's columns: they change hands instead of being copied. A view on a part of a buffer is copied. */
export function buffersOf({ observations, records, datastreams }: PackedBatch): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const columns of [observations, records, datastreams]) {
    for (const column of Object.values(columns)) {
      if (!ArrayBuffer.isView(column) || !(column.buffer instanceof ArrayBuffer)) continue;
      if (column.byteLength === column.buffer.byteLength) buffers.add(column.buffer);
    }
  }
  return [...buffers];
}
