import type { StoreState } from '../store/state.ts';
import { gridOf } from '../zones.ts';
import type { Access } from './access.ts';
import type { Attributes, EventAnswer, FeatureAnswer } from './answers.ts';
import { QueryError } from './query-error.ts';
import type { GridId, ZoneRef } from './shapes.ts';

/** A zone as asked for, with its range at the point level. */
export interface AskedZone {
  readonly dggrs: GridId;
  readonly zone: bigint;
  readonly level: number;
  readonly lo: bigint;
  readonly hi: bigint;
}

/** Level of an H3 cell to whose centre nothing is made coarser. */
const H3_EXACT_LEVEL = 12;

/** An `Access` made ready: every shape asks this object before it shows a row, and puts its filters into every statement. */
export class Scope {
  readonly access: Access;
  readonly #state: StoreState;
  readonly #datasets: ReadonlySet<string> | null;
  readonly #masks: ReadonlySet<string>;

  constructor(access: Access, state: StoreState) {
    this.access = access;
    this.#state = state;
    this.#datasets = access.datasets === 'all' ? null : new Set(access.datasets);
    this.#masks = new Set(access.masks);
  }

  /** True when nothing at all is withheld: answers may be taken as they are. */
  get unlimited(): boolean {
    const { area, finestLevel } = this.access;
    return this.#datasets === null && area === null && finestLevel === null && this.#masks.size === 0;
  }

  get area() {
    return this.access.area;
  }

  allows(dataset: string): boolean {
    return this.#datasets === null || this.#datasets.has(dataset);
  }

  /** Integer ids of the datasets that may be read, narrowed to those asked for; null for all there are. */
  datasetIds(asked?: readonly string[]): readonly number[] | null {
    if (asked === undefined && this.#datasets === null) return null;
    const names = asked ?? [...this.#datasets!];
    return names.flatMap((name) => {
      const id = this.allows(name) ? this.#state.dictionary.datasetId(name) : undefined;
      return id === undefined ? [] : [id];
    });
  }

  /** @throws {QueryError} `unknown-dataset`: the same whether it does not exist or may not be seen. */
  requireDataset(name: string): number {
    const id = this.allows(name) ? this.#state.dictionary.datasetId(name) : undefined;
    if (id === undefined) throw new QueryError('unknown-dataset', `Cannot find the dataset "${name}"`);
    return id;
  }

  /** Is the position inside the area? Unlocated things are outside of every area. */
  inside(lonLat: readonly [number, number] | null): boolean {
    if (this.area === null) return true;
    if (lonLat === null) return false;
    const [west, south, east, north] = this.area;
    const [lon, lat] = lonLat;
    return lon >= west && lon <= east && lat >= south && lat <= north;
  }

  /**
   * The level to answer in: the one asked for, or the finest that may be seen.
   *
   * @throws {QueryError} `level-out-of-range` for a level the grid does not keep points at.
   */
  level(dggrs: GridId, level: number): number {
    const grid = gridOf(dggrs);
    if (!Number.isInteger(level) || level < grid.minLevel || level > grid.pointLevel) {
      throw new QueryError(
        'level-out-of-range',
        `Cannot answer in level ${level} of ${dggrs}: level must be ${grid.minLevel}..${grid.pointLevel}`,
      );
    }
    const finest = this.access.finestLevel?.[dggrs];
    return finest === undefined ? level : Math.max(grid.minLevel, Math.min(level, finest));
  }

  /** @throws {QueryError} `unknown-zone` for text that names none; `not-permitted` for one finer than may be seen. */
  zone({ dggrs, id }: ZoneRef): AskedZone {
    const grid = gridOf(dggrs);
    let parsed: { readonly zone: bigint; readonly level: number };
    try {
      parsed = grid.parse(id);
    } catch (error) {
      throw new QueryError('unknown-zone', `Cannot find the zone "${id}" of ${dggrs}`, { cause: error });
    }
    if (this.level(dggrs, parsed.level) !== parsed.level) {
      throw new QueryError(
        'not-permitted',
        `Cannot show the zone "${id}": level ${parsed.level} is finer than the grant allows`,
      );
    }
    return { dggrs, ...parsed, ...grid.range(parsed.zone, parsed.level) };
  }

  masked(dataset: string, field: string): boolean {
    return this.#masks.size > 0 && this.#masks.has(`${dataset}.${field}`);
  }

  /** The position as it may be shown: its own, or the centre of the finest cell allowed. */
  place(dataset: string, lonLat: readonly [number, number] | null): readonly [number, number] | null {
    if (lonLat === null || this.masked(dataset, 'position')) return null;
    const finest = this.access.finestLevel?.h3;
    if (finest === undefined || finest >= H3_EXACT_LEVEL) return lonLat;
    const grid = gridOf('h3');
    const level = Math.max(grid.minLevel, finest);
    return grid.centre(grid.encode(lonLat[0], lonLat[1], level), level);
  }

  attributes(dataset: string, attributes: Attributes): Attributes {
    if (this.#masks.size === 0) return attributes;
    return Object.fromEntries(Object.entries(attributes).filter(([field]) => !this.masked(dataset, field)));
  }

  /** The event as it may be shown; null when it may not. */
  event(event: EventAnswer): EventAnswer | null {
    if (this.unlimited) return event;
    if (!this.allows(event.dataset) || !this.inside(event.lonLat)) return null;
    return {
      ...event,
      title: this.masked(event.dataset, 'title') ? null : event.title,
      thing: this.masked(event.dataset, 'thing') ? null : event.thing,
      lonLat: this.place(event.dataset, event.lonLat),
      attributes: this.attributes(event.dataset, event.attributes),
    };
  }

  /** The feature as it may be shown; null when it may not. */
  feature(feature: FeatureAnswer): FeatureAnswer | null {
    if (this.unlimited) return feature;
    if (!this.allows(feature.dataset) || !this.inside(feature.lonLat)) return null;
    return {
      ...feature,
      name: this.masked(feature.dataset, 'name') ? null : feature.name,
      lonLat: this.place(feature.dataset, feature.lonLat),
      attributes: this.attributes(feature.dataset, feature.attributes),
    };
  }

  /**
   * SQL for "the dataset id in this column may be read". With `placed`, datasets whose positions are masked are left out:
   * what may not be shown on the map must not be found by asking zone after zone.
   */
  datasetSql(column: string, asked: readonly string[] | undefined, placed: boolean): string {
    const allowed = idsSql(column, this.datasetIds(asked));
    if (!placed) return allowed;
    const hidden = this.#maskedIds((_, field) => field === 'position').map(([dataset]) => dataset);
    return hidden.length === 0 ? allowed : `${allowed} AND ${column} NOT IN (${hidden.join(',')})`;
  }

  /** As `datasetSql`, and without the readings of masked properties. */
  readingSql(
    datasetColumn: string,
    propertyColumn: string,
    asked: readonly string[] | undefined,
    placed: boolean,
  ): string {
    const hidden = this.#maskedIds((_, field) => this.#state.dictionary.propertyId(field) !== undefined).map(
      ([dataset, field]) =>
        `NOT (${datasetColumn} = ${dataset} AND ${propertyColumn} = ${this.#state.dictionary.propertyId(field)})`,
    );
    return [this.datasetSql(datasetColumn, asked, placed), ...hidden].join(' AND ');
  }

  /** May the latest reading of this datastream be shown (and, with `placed`, be shown where it is)? */
  allowsReading(dataset: string, property: string, placed: boolean): boolean {
    if (!this.allows(dataset)) return false;
    if (this.#masks.size === 0) return true;
    return !this.masked(dataset, property) && !(placed && this.masked(dataset, 'position'));
  }

  #maskedIds(of: (dataset: string, field: string) => boolean): readonly (readonly [number, string])[] {
    return [...this.#masks].flatMap((mask) => {
      // Field names have no dots; dataset ids may.
      const dot = mask.lastIndexOf('.');
      const id = this.#state.dictionary.datasetId(mask.slice(0, dot));
      const field = mask.slice(dot + 1);
      return id === undefined || !of(mask.slice(0, dot), field) ? [] : [[id, field] as const];
    });
  }

  /** SQL for "the point with this BeiDou code lies in the area". */
  areaSql(beidouColumn: string): string {
    if (this.area === null) return 'true';
    const [west, south, east, north] = this.area.map((degrees) => `${degrees}::DOUBLE`);
    return `beidou_lon(${beidouColumn}) BETWEEN ${west} AND ${east} AND beidou_lat(${beidouColumn}) BETWEEN ${south} AND ${north}`;
  }
}

/** SQL for "the id in this column is one of these"; null for any. */
export function idsSql(column: string, ids: readonly number[] | null): string {
  if (ids === null) return 'true';
  return ids.length === 0 ? 'false' : `${column} IN (${ids.join(',')})`;
}
