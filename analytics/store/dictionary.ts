import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type DatasetDeclaration,
  type Declaration,
  datasetSchema,
  OBSERVED_PROPERTIES,
  type ObservedProperty,
  type ThingDeclaration,
  thingSchema,
} from '../../ingest/model/index.ts';
import { appendRows } from './append-rows.ts';
import { correctionsOf, type Datastream, DatastreamIndex, periodOf } from './datastream-index.ts';
import type { Grain } from './partitions.ts';
import type { Catalogue, DatastreamEntry } from './store.ts';

interface Entry<Body> {
  readonly id: number;
  readonly name: string;
  body: Body | null;
}

interface DatasetEntry extends Entry<DatasetDeclaration> {
  /** Fixed when the dataset is first seen, so that a reading's table never depends on when it is asked for. */
  readonly grain: Grain;
}

/**
 * The integer ids of datasets, Things, properties and datastreams, and what was declared of them. Entries are made in
 * memory first, written with `flush` inside the load transaction, and taken back with `undo` when that fails. Ids are
 * never reused; a removed declaration leaves its entry without a body.
 */
export class Dictionary implements Catalogue {
  readonly #datasets = new Map<string, DatasetEntry>();
  readonly #datasetById: DatasetEntry[] = [];
  readonly #things = new Map<string, Entry<ThingDeclaration>>();
  readonly #properties = new Map<string, number>();
  readonly #propertyNames: string[] = [];
  readonly #streams = new DatastreamIndex();
  /** New since the last flush. */
  #newDatasets: DatasetEntry[] = [];
  #newThings: Entry<ThingDeclaration>[] = [];
  #newProperties: { readonly id: number; readonly name: string }[] = [];
  #newDatastreams: Datastream[] = [];
  #changedDatasets = new Set<DatasetEntry>();
  #changedThings = new Set<Entry<ThingDeclaration>>();

  get datastreamCount(): number {
    return this.#streams.size;
  }

  get datasets(): Iterable<DatasetDeclaration> {
    return [...this.#datasets.values()].flatMap((entry) => (entry.body === null ? [] : [entry.body]));
  }

  get things(): Iterable<ThingDeclaration> {
    return [...this.#things.values()].flatMap((entry) => (entry.body === null ? [] : [entry.body]));
  }

  /** True while there is something to flush. */
  get changed(): boolean {
    return (
      this.#newDatasets.length +
        this.#newThings.length +
        this.#newProperties.length +
        this.#newDatastreams.length +
        this.#changedDatasets.size +
        this.#changedThings.size >
      0
    );
  }

  dataset(id: string): DatasetDeclaration | undefined {
    return this.#datasets.get(id)?.body ?? undefined;
  }

  thing(id: string): ThingDeclaration | undefined {
    return this.#things.get(id)?.body ?? undefined;
  }

  datastream(id: number): DatastreamEntry | undefined {
    return this.#streams.get(id);
  }

  datastreamId(dataset: string, thing: string, property: string): number | undefined {
    return this.#streams.find(dataset, thing, property)?.id;
  }

  datastreamsOfProperty(property: string): readonly DatastreamEntry[] {
    return this.#streams.ofProperty(property);
  }

  datastreamsOfThing(thing: string): readonly DatastreamEntry[] {
    return this.#streams.ofThing(thing);
  }

  /** Integer id of a dataset that has been seen. */
  datasetId(name: string): number | undefined {
    return this.#datasets.get(name)?.id;
  }

  datasetName(id: number): string | undefined {
    return this.#datasetById[id]?.name;
  }

  propertyId(name: string): number | undefined {
    return this.#properties.get(name);
  }

  propertyName(id: number): string | undefined {
    return this.#propertyNames[id];
  }

  get propertyNames(): readonly string[] {
    return this.#propertyNames;
  }

  grainOf(datastream: number): Grain {
    return this.#streams.get(datastream)?.grain ?? 'day';
  }

  /** Is another value for an instant of this datastream a correction? */
  correctsOf(datastream: number): boolean {
    return this.#streams.get(datastream)?.corrections ?? false;
  }

  /** Unit, names and limits: the dataset's own declaration goes before the shipped one. */
  property(id: string, dataset?: string): ObservedProperty | undefined {
    const declared = dataset === undefined ? undefined : this.dataset(dataset);
    const own = declared?.properties.find((property) => property.id === id);
    if (own !== undefined) return own;
    const shipped = (OBSERVED_PROPERTIES as Readonly<Record<string, ObservedProperty>>)[id];
    if (shipped !== undefined) return shipped;
    for (const any of this.datasets) {
      const found = any.properties.find((property) => property.id === id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Takes a declaration; tells whether it changed anything an index keeps. */
  declare(declaration: Declaration): boolean {
    if (declaration.kind === 'dataset') {
      const known = this.#datasets.get(declaration.body.id);
      if (known === undefined) {
        this.#addDataset(declaration.body.id, declaration.body);
        return true;
      }
      if (JSON.stringify(known.body) === JSON.stringify(declaration.body)) return false;
      known.body = declaration.body;
      this.#changedDatasets.add(known);
      this.#redeclare((stream) => stream.dataset === known.name);
      return true;
    }
    if (declaration.kind === 'thing') {
      const known = this.#things.get(declaration.body.id);
      const entry = known ?? this.#addThing(declaration.body.id, declaration.body);
      if (known !== undefined && JSON.stringify(known.body) === JSON.stringify(declaration.body))
        return false;
      if (known !== undefined) {
        known.body = declaration.body;
        this.#changedThings.add(known);
      }
      // Declared datastreams get their ids at once: "of 9 feeds" counts those that have never spoken.
      for (const stream of declaration.body.datastreams) {
        this.idOf(declaration.body.dataset, entry.name, stream.property);
      }
      this.#redeclare((stream) => stream.thing === entry.name);
      return true;
    }
    if (declaration.kind === 'remove' && declaration.body.kind !== 'mapping') {
      if (declaration.body.kind === 'dataset') {
        const entry = this.#datasets.get(declaration.body.id);
        if (entry === undefined || entry.body === null) return false;
        entry.body = null;
        this.#changedDatasets.add(entry);
      } else {
        const entry = this.#things.get(declaration.body.id);
        if (entry === undefined || entry.body === null) return false;
        entry.body = null;
        this.#changedThings.add(entry);
      }
      return true;
    }
    return false;
  }

  /** Integer id of a datastream, made when it is new. */
  idOf(dataset: string, thing: string, property: string): number {
    const known = this.#streams.find(dataset, thing, property);
    if (known !== undefined) return known.id;
    const datasetEntry = this.#datasets.get(dataset) ?? this.#addDataset(dataset, null);
    const thingEntry = this.#things.get(thing) ?? this.#addThing(thing, null);
    let propertyId = this.#properties.get(property);
    if (propertyId === undefined) {
      propertyId = this.#propertyNames.length;
      this.#setProperty(propertyId, property);
      this.#newProperties.push({ id: propertyId, name: property });
    }
    const stream = this.#makeDatastream(this.#streams.size, datasetEntry, thingEntry, propertyId, property);
    this.#newDatastreams.push(stream);
    return stream.id;
  }

  /** Integer id of a dataset, made when it is new. */
  datasetIdOf(name: string): number {
    return (this.#datasets.get(name) ?? this.#addDataset(name, null)).id;
  }

  /** Writes what is new or changed, inside the caller's transaction. */
  async flush(connection: DuckDBConnection): Promise<void> {
    await appendRows(
      connection,
      'dataset',
      this.#newDatasets.map((entry) => [entry.id, entry.name, json(entry.body), entry.grain]),
    );
    await appendRows(
      connection,
      'thing',
      this.#newThings.map((entry) => [entry.id, entry.name, json(entry.body)]),
    );
    await appendRows(
      connection,
      'property',
      this.#newProperties.map((entry) => [entry.id, entry.name]),
    );
    await appendRows(
      connection,
      'datastream',
      this.#newDatastreams.map((entry) => [entry.id, entry.datasetId, entry.thingId, entry.propertyId]),
    );
    const fresh = new Set<unknown>([...this.#newDatasets, ...this.#newThings]);
    for (const [table, entries] of [
      ['dataset', this.#changedDatasets],
      ['thing', this.#changedThings],
    ] as const) {
      for (const entry of entries) {
        if (fresh.has(entry)) continue;
        await connection.run(`UPDATE ${table} SET body = ? WHERE id = ?`, [json(entry.body), entry.id]);
      }
    }
  }

  /** After the commit: nothing is pending any more. */
  settle(): void {
    this.#newDatasets = [];
    this.#newThings = [];
    this.#newProperties = [];
    this.#newDatastreams = [];
    this.#changedDatasets = new Set();
    this.#changedThings = new Set();
  }

  /** Reads everything from the database: at open, and after a load that failed. */
  async restore(connection: DuckDBConnection): Promise<void> {
    this.#datasets.clear();
    this.#datasetById.length = 0;
    this.#things.clear();
    this.#properties.clear();
    this.#propertyNames.length = 0;
    this.#streams.clear();
    this.settle();
    for (const [id, name, body, grain] of await rows(
      connection,
      'SELECT id, name, body, grain FROM dataset',
    )) {
      const parsed = body === null ? null : datasetSchema.parse(JSON.parse(body as string));
      const entry: DatasetEntry = {
        id: id as number,
        name: name as string,
        body: parsed,
        grain: grain as Grain,
      };
      this.#datasets.set(entry.name, entry);
      this.#datasetById[entry.id] = entry;
    }
    const things: Entry<ThingDeclaration>[] = [];
    for (const [id, name, body] of await rows(connection, 'SELECT id, name, body FROM thing')) {
      const parsed = body === null ? null : thingSchema.parse(JSON.parse(body as string));
      const entry = { id: id as number, name: name as string, body: parsed };
      this.#things.set(entry.name, entry);
      things[entry.id] = entry;
    }
    for (const [id, name] of await rows(connection, 'SELECT id, name FROM property')) {
      this.#setProperty(id as number, name as string);
    }
    for (const [id, dataset, thing, property] of await rows(
      connection,
      'SELECT id, dataset, thing, property FROM datastream ORDER BY id',
    )) {
      const propertyId = property as number;
      this.#makeDatastream(
        id as number,
        this.#datasetById[dataset as number]!,
        things[thing as number]!,
        propertyId,
        this.#propertyNames[propertyId]!,
      );
    }
  }

  #addDataset(name: string, body: DatasetDeclaration | null): DatasetEntry {
    const grain: Grain = body?.timeRange.mode === 'archive' ? 'month' : 'day';
    const entry: DatasetEntry = { id: this.#datasetById.length, name, body, grain };
    this.#datasets.set(name, entry);
    this.#datasetById.push(entry);
    this.#newDatasets.push(entry);
    return entry;
  }

  #addThing(name: string, body: ThingDeclaration | null): Entry<ThingDeclaration> {
    const entry = { id: this.#things.size, name, body };
    this.#things.set(name, entry);
    this.#newThings.push(entry);
    return entry;
  }

  #setProperty(id: number, name: string): void {
    this.#properties.set(name, id);
    this.#propertyNames[id] = name;
  }

  #makeDatastream(
    id: number,
    dataset: DatasetEntry,
    thing: Entry<ThingDeclaration>,
    propertyId: number,
    property: string,
  ): Datastream {
    const stream: Datastream = {
      id,
      dataset: dataset.name,
      thing: thing.name,
      property,
      periodMs: periodOf(dataset.body, thing.body, property),
      datasetId: dataset.id,
      thingId: thing.id,
      propertyId,
      grain: dataset.grain,
      corrections: correctionsOf(dataset.body, thing.body, property),
    };
    this.#streams.set(stream);
    return stream;
  }

  /** Periods, and whether values are corrected, follow the declarations. */
  #redeclare(of: (stream: Datastream) => boolean): void {
    for (const stream of this.#streams.all) {
      if (!of(stream)) continue;
      const dataset = this.#datasets.get(stream.dataset)?.body ?? null;
      const thing = this.#things.get(stream.thing)?.body ?? null;
      const periodMs = periodOf(dataset, thing, stream.property);
      const corrections = correctionsOf(dataset, thing, stream.property);
      if (periodMs !== stream.periodMs || corrections !== stream.corrections) {
        this.#streams.set({ ...stream, periodMs, corrections });
      }
    }
  }
}

function json(body: unknown): string | null {
  return body === null ? null : JSON.stringify(body);
}

async function rows(connection: DuckDBConnection, sql: string): Promise<readonly (readonly unknown[])[]> {
  return (await connection.runAndReadAll(sql)).getRows();
}
