import type { GridGeometry } from '../../grid/index.ts';
import { ubigint } from '../sql/macros.ts';
import type { StoreInternals } from '../store/internals.ts';
import { keyHash } from '../store/versions.ts';
import { type ItemArea, type ItemPlace, rangesOfItemsSql } from './item-area.ts';
import { QueryError } from './query-error.ts';
import type { Scope } from './scope.ts';

/** Items of one area that are looked at one by one. */
export const MAX_CANDIDATES = 200_000;
/** Features read at once: one of them may have an outline of megabytes. */
const PAGE = 2_000;
/** Up to here a count looks at every item; beyond, it tells bounds. */
const COUNT_ALL = 20_000;

export type ItemKind = 'event' | 'feature';

/** An item that is in the area. */
export interface Found {
  readonly datasetId: number;
  readonly key: string;
  /** From the middle of a circle, metres. */
  readonly distanceM: number | null;
  /** What was asked to be told of it. */
  readonly told: unknown;
}

/** Parts of a statement over one kind: what orders its rows, each value once. */
const ORDERS = {
  // The newest first, as lists of events are.
  event: { id: 'seq', order: 'start_ms DESC, seq DESC', geometry: 'NULL' },
  feature: {
    id: 'id',
    order: 'id',
    // The point of a point stands in columns of its own.
    geometry: `CASE WHEN geometry LIKE '%"type":"Point"%' THEN NULL ELSE geometry END`,
  },
} as const;

/**
 * Items of a kind in an area, in the order of their list.
 *
 * @param where - SQL for what may be seen and is asked for, the area aside.
 * @param most - Stop at so many; null for all.
 * @param tell - SQL for something to be told of each.
 * @throws {QueryError} `too-large` when more than `MAX_CANDIDATES` would have to be looked at.
 */
export async function findItems(
  internals: Pick<StoreInternals, 'state' | 'pool'>,
  scope: Scope,
  kind: ItemKind,
  where: string,
  area: ItemArea,
  most: number | null,
  tell = 'NULL',
): Promise<readonly Found[]> {
  if (most === 0) return [];
  const { pool, state } = internals;
  const { id, order, geometry } = ORDERS[kind];
  const condition = `${where} AND ${rangesOfItemsSql(area, kind === 'feature')}`;
  const found: Found[] = [];
  // Where the ranges decide, no more is read than is wanted.
  const all = kind === 'feature' ? PAGE : MAX_CANDIDATES + 1;
  const limit = area.exact || most === null ? all : Math.min(all, most);
  let after = -1;
  for (let seen = 0; ; ) {
    const { n, columns: c } = await pool.run(
      `SELECT dataset, key, lon, lat, ${geometry}, ${id}, ${tell} FROM ${kind} WHERE ${condition} AND ${id} > ${after}
       ORDER BY ${order} LIMIT ${limit}`,
    );
    seen += n;
    if (seen > MAX_CANDIDATES) throw await tooManyItems(internals, kind, condition);
    for (let row = 0; row < n; row++) {
      const datasetId = c[0]![row] as number;
      const place: ItemPlace = {
        dataset: state.dictionary.datasetName(datasetId) ?? '',
        lonLat: c[2]![row] === null ? null : [c[2]![row] as number, c[3]![row] as number],
        geometry: c[4]![row] === null ? null : (JSON.parse(c[4]![row] as string) as GridGeometry),
      };
      if (scope.masked(place.dataset, 'position') || !area.accepts(place)) continue;
      found.push({
        datasetId,
        key: c[1]![row] as string,
        distanceM: area.distanceM(place),
        told: c[6]![row],
      });
      if (found.length === most) return found;
    }
    if (n < limit) return found;
    after = Number(c[5]![n - 1]);
  }
}

/** How many items of a kind are in an area: exactly where that is quick, else between two bounds. */
export async function countItems(
  internals: Pick<StoreInternals, 'state' | 'pool'>,
  scope: Scope,
  kind: ItemKind,
  where: string,
  area: ItemArea | null,
): Promise<{ readonly atLeast: number; readonly atMost: number }> {
  const count = async (condition: string) => {
    const { columns } = await internals.pool.run(`SELECT count(*) FROM ${kind} WHERE ${condition}`);
    return Number(columns[0]![0]);
  };
  if (area === null) {
    const exact = await count(where);
    return { atLeast: exact, atMost: exact };
  }
  const atMost = await count(`${where} AND ${rangesOfItemsSql(area, kind === 'feature')}`);
  if (atMost <= COUNT_ALL) {
    const exact = (await findItems(internals, scope, kind, where, area, null)).length;
    return { atLeast: exact, atMost: exact };
  }
  const certain = area.certain();
  if (certain === null) return { atLeast: 0, atMost };
  return {
    atLeast: await count(`${where} AND ${rangesOfItemsSql({ ranges: certain, box: null }, false)}`),
    atMost,
  };
}

/** SQL for "the item is one of these", by key: an item that changes meanwhile is still the same. */
export function keysSql(state: StoreInternals['state'], found: readonly Found[]): string {
  if (found.length === 0) return 'false';
  const byDataset = new Map<number, string[]>();
  for (const { datasetId, key } of found) {
    const keys = byDataset.get(datasetId);
    if (keys === undefined) byDataset.set(datasetId, [key]);
    else keys.push(key);
  }
  const each = [...byDataset].map(([id, keys]) => {
    const texts = keys.map((key) => `'${key.replaceAll("'", "''")}'`);
    return `(dataset = ${id} AND key IN (${texts.join(',')}))`;
  });
  // Numbers first: they leave next to nothing for the comparison of texts.
  const hashes = found.map(({ datasetId, key }) =>
    ubigint(keyHash(state.dictionary.datasetName(datasetId) ?? '', key)),
  );
  return `(key_hash IN (${hashes.join(',')}) AND (${each.join(' OR ')}))`;
}

async function tooManyItems(
  { pool }: Pick<StoreInternals, 'pool'>,
  kind: ItemKind,
  condition: string,
): Promise<QueryError> {
  const { columns } = await pool.run(`SELECT count(*) FROM ${kind} WHERE ${condition}`);
  const estimate = Number(columns[0]![0]);
  return new QueryError(
    'too-large',
    `Cannot look at ${estimate} ${kind}s one by one: at most ${MAX_CANDIDATES}, ask for a smaller area, a dataset or a span`,
    { estimate, limit: MAX_CANDIDATES },
  );
}
