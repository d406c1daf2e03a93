/**
 * The fold of control entries: what is declared, as of one moment. Each state is immutable and is the `DecodeContext` of the
 * messages that arrived under it.
 */
import { isDeepStrictEqual } from 'node:util';
import { BucketMap } from './declarations-map.ts';
import {
  type DatasetDeclaration,
  type Declaration,
  type DecodeContext,
  OBSERVED_PROPERTIES,
  type ObservedProperty,
  type TableMapping,
  type ThingDeclaration,
} from './model/index.ts';

const SHIPPED = new Map<string, ObservedProperty>(Object.entries(OBSERVED_PROPERTIES));

/** Everything declared at one moment. */
export interface DeclarationState extends DecodeContext {
  /** Datasets, then mappings, then Things: in this order each refers only to what stands before it. */
  list(): readonly Declaration[];
  readonly size: number;
  datasets(): Iterable<DatasetDeclaration>;
  things(): Iterable<ThingDeclaration>;
  mappings(): Iterable<TableMapping>;
}

interface Maps {
  readonly datasets: BucketMap<DatasetDeclaration>;
  readonly things: BucketMap<ThingDeclaration>;
  readonly mappings: BucketMap<TableMapping>;
  /** Thing id by gateway and alias. */
  readonly aliases: BucketMap<string>;
}

class FoldedState implements DeclarationState {
  readonly maps: Maps;
  constructor(maps: Maps) {
    this.maps = maps;
  }

  get size(): number {
    return this.maps.datasets.size + this.maps.things.size + this.maps.mappings.size;
  }
  dataset(id: string): DatasetDeclaration | undefined {
    return this.maps.datasets.get(id);
  }
  thing(id: string): ThingDeclaration | undefined {
    return this.maps.things.get(id);
  }
  thingByAlias(gateway: string, alias: string): ThingDeclaration | undefined {
    const id = this.maps.aliases.get(aliasKey(gateway, alias));
    return id === undefined ? undefined : this.maps.things.get(id);
  }
  mapping(id: string): TableMapping | undefined {
    return this.maps.mappings.get(id);
  }
  property(id: string, datasetId: string): ObservedProperty | undefined {
    const dataset = this.maps.datasets.get(datasetId);
    return (dataset === undefined ? undefined : ownProperties(dataset).get(id)) ?? SHIPPED.get(id);
  }
  datasets(): Iterable<DatasetDeclaration> {
    return this.maps.datasets.values();
  }
  things(): Iterable<ThingDeclaration> {
    return this.maps.things.values();
  }
  mappings(): Iterable<TableMapping> {
    return this.maps.mappings.values();
  }
  list(): readonly Declaration[] {
    const all: Declaration[] = [];
    for (const body of this.maps.datasets.values()) all.push({ kind: 'dataset', body });
    for (const body of this.maps.mappings.values()) all.push({ kind: 'mapping', body });
    for (const body of this.maps.things.values()) all.push({ kind: 'thing', body });
    return all;
  }
}

/** The state before anything was declared. */
export const NOTHING_DECLARED: DeclarationState = new FoldedState({
  datasets: BucketMap.empty(),
  things: BucketMap.empty(),
  mappings: BucketMap.empty(),
  aliases: BucketMap.empty(),
});

/** `state` with the declarations applied in order. No checks: what stands in the journal was checked when it came. */
export function applyDeclarations(
  state: DeclarationState,
  declarations: readonly Declaration[],
): DeclarationState {
  const { maps } = state as FoldedState;
  const datasets = new Map<string, DatasetDeclaration | undefined>();
  const things = new Map<string, ThingDeclaration | undefined>();
  const mappings = new Map<string, TableMapping | undefined>();
  const aliases = new Map<string, string | undefined>();
  const setThing = (id: string, thing: ThingDeclaration | undefined) => {
    const before = things.has(id) ? things.get(id) : maps.things.get(id);
    const oldAlias = before === undefined ? undefined : aliasOf(before);
    if (oldAlias !== undefined) {
      const holder = aliases.has(oldAlias) ? aliases.get(oldAlias) : maps.aliases.get(oldAlias);
      if (holder === id) aliases.set(oldAlias, undefined);
    }
    const alias = thing === undefined ? undefined : aliasOf(thing);
    if (alias !== undefined) aliases.set(alias, id);
    things.set(id, thing);
  };
  for (const { kind, body } of declarations) {
    if (kind === 'dataset') datasets.set(body.id, body);
    else if (kind === 'mapping') mappings.set(body.id, body);
    else if (kind === 'thing') setThing(body.id, body);
    else if (body.kind === 'dataset') datasets.set(body.id, undefined);
    else if (body.kind === 'mapping') mappings.set(body.id, undefined);
    else setThing(body.id, undefined);
  }
  return new FoldedState({
    datasets: maps.datasets.with(datasets),
    things: maps.things.with(things),
    mappings: maps.mappings.with(mappings),
    aliases: maps.aliases.with(aliases),
  });
}

/**
 * The declarations that change something, each against the state before it, in the form they have after a journal: texts
 * of JSON hold no `undefined`.
 */
export function changedDeclarations(
  state: DeclarationState,
  declarations: readonly Declaration[],
): readonly Declaration[] {
  const latest = new Map<string, unknown>();
  const changed: Declaration[] = [];
  for (const given of declarations) {
    const declaration = JSON.parse(JSON.stringify(given)) as Declaration;
    const removes = declaration.kind === 'remove';
    const kind = removes ? declaration.body.kind : declaration.kind;
    const key = `${kind}\0${declaration.body.id}`;
    const now = removes ? undefined : declaration.body;
    const before = latest.has(key) ? latest.get(key) : state[kind as 'thing'](declaration.body.id);
    latest.set(key, now);
    if (!isDeepStrictEqual(before, now)) changed.push(declaration);
  }
  return changed;
}

function aliasKey(gateway: string, alias: string): string {
  return `${gateway}\0${alias}`;
}

/** Key of the name by which its gateway knows this Thing; undefined where it has none. */
export function aliasOf(thing: ThingDeclaration): string | undefined {
  return thing.gateway === undefined || thing.alias === undefined
    ? undefined
    : aliasKey(thing.gateway, thing.alias);
}

const OWN_PROPERTIES = new WeakMap<DatasetDeclaration, ReadonlyMap<string, ObservedProperty>>();

/** The dataset's own properties by id, made once a declaration. */
function ownProperties(dataset: DatasetDeclaration): ReadonlyMap<string, ObservedProperty> {
  let own = OWN_PROPERTIES.get(dataset);
  if (own === undefined) {
    own = new Map(dataset.properties.map((property) => [property.id, property]));
    OWN_PROPERTIES.set(dataset, own);
  }
  return own;
}
