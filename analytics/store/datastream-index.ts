import type { DatasetDeclaration, ThingDeclaration } from '../../ingest/model/index.ts';
import type { Grain } from './partitions.ts';
import type { DatastreamEntry } from './store.ts';

/** A datastream with the integer ids of its parts. */
export interface Datastream extends DatastreamEntry {
  readonly datasetId: number;
  readonly thingId: number;
  readonly propertyId: number;
  readonly grain: Grain;
  /** Another value for an instant is a correction of it. */
  readonly corrections: boolean;
}

/** Datastreams by id, by key, by property and by Thing. */
export class DatastreamIndex {
  readonly #byKey = new Map<string, Datastream>();
  readonly #byId: Datastream[] = [];
  readonly #byProperty = new Map<string, Datastream[]>();
  readonly #byThing = new Map<string, Datastream[]>();

  get size(): number {
    return this.#byId.length;
  }

  get all(): readonly Datastream[] {
    return this.#byId;
  }

  get(id: number): Datastream | undefined {
    return this.#byId[id];
  }

  find(dataset: string, thing: string, property: string): Datastream | undefined {
    return this.#byKey.get(datastreamKey(dataset, thing, property));
  }

  ofProperty(property: string): readonly Datastream[] {
    return this.#byProperty.get(property) ?? [];
  }

  ofThing(thing: string): readonly Datastream[] {
    return this.#byThing.get(thing) ?? [];
  }

  /** Adds it, or puts it in the place of the one with the same id. */
  set(stream: Datastream): void {
    this.#byKey.set(datastreamKey(stream.dataset, stream.thing, stream.property), stream);
    const known = this.#byId[stream.id] !== undefined;
    this.#byId[stream.id] = stream;
    for (const [index, key] of [
      [this.#byProperty, stream.property],
      [this.#byThing, stream.thing],
    ] as const) {
      const list = index.get(key);
      if (list === undefined) index.set(key, [stream]);
      else if (known) list[list.findIndex((other) => other.id === stream.id)] = stream;
      else list.push(stream);
    }
  }

  clear(): void {
    this.#byKey.clear();
    this.#byId.length = 0;
    this.#byProperty.clear();
    this.#byThing.clear();
  }
}

/** Period assumed where nothing was declared: an hour. */
const DEFAULT_PERIOD_MS = 3_600_000;

/** How often the datastream is expected to report, ms: as declared for it, else for its dataset. */
export function periodOf(
  dataset: DatasetDeclaration | null,
  thing: ThingDeclaration | null,
  property: string,
): number {
  const own = thing?.datastreams.find((stream) => stream.property === property);
  return own?.periodMs ?? dataset?.periodMs ?? DEFAULT_PERIOD_MS;
}

/** Does the datastream declare corrections? As declared for it, else for its dataset; else no. */
export function correctionsOf(
  dataset: DatasetDeclaration | null,
  thing: ThingDeclaration | null,
  property: string,
): boolean {
  const own = thing?.datastreams.find((stream) => stream.property === property);
  return own?.corrections ?? dataset?.corrections ?? false;
}

function datastreamKey(dataset: string, thing: string, property: string): string {
  return `${dataset}\u0000${thing}\u0000${property}`;
}
