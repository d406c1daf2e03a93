import type { Store } from '../../analytics/index.ts';
import { createQueries } from '../../analytics/index.ts';
import { internalsOf } from '../../analytics/store/internals.ts';
import { rowsSql } from '../../analytics/store/rows/rows-sql.ts';
import { expectedAt, originOf } from './index-journal.ts';

const ALL = {
  subject: 'kill',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'test',
} as const;

const EVER = [{ from: Date.UTC(2025, 0, 1), to: Date.UTC(2027, 0, 1) }];
const NAMED_AT_MOST = 5;

/**
 * Everything that is wrong with an index at its position, in words; empty when it holds exactly what came in. Of damaged
 * parts it is the caller's to say what may be missing.
 *
 * @param mayLack - Results of readings that may be missing, since their part is damaged and named.
 */
export async function indexFaults(
  store: Store,
  mayLack: (result: number) => boolean = () => false,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const expected = expectedAt(store.position);
  const missing: number[] = [];
  const twice: number[] = [];
  const strange: number[] = [];
  const counts = await storedReadings(store, strange);
  for (let result = 0; result < expected.observations; result++) {
    const count = counts.get(result) ?? 0;
    if (count === 0 && !mayLack(result)) missing.push(result);
    if (count > 1) twice.push(result);
    counts.delete(result);
  }
  strange.push(...counts.keys());
  if (missing.length > 0) faults.push(`lost: ${named(missing)}`);
  if (twice.length > 0) faults.push(`counted twice: ${named(twice)}`);
  if (strange.length > 0) faults.push(`not what came in: ${named(strange)}`);
  faults.push(...(await countFaults(store)));
  return faults;
}

/** How often each result is stored. Rows whose time or dataset is another than the reading's are `strange`. */
async function storedReadings(store: Store, strange: number[]): Promise<Map<number, number>> {
  const { state, pool } = internalsOf(store);
  const sql = rowsSql(state, {
    spans: EVER,
    datasets: null,
    properties: null,
    columns: ['result', 'time', 'dataset'],
  });
  const counts = new Map<number, number>();
  if (sql === null) return counts;
  const { n, columns } = await pool.run(sql);
  for (let row = 0; row < n; row++) {
    const result = columns[0]![row] as number;
    counts.set(result, (counts.get(result) ?? 0) + 1);
    const origin = originOf(result);
    const dataset = state.dictionary.datasetName(Number(columns[2]![row]));
    if (origin.time !== Number(columns[1]![row]) || origin.dataset !== dataset) strange.push(result);
  }
  return counts;
}

async function countFaults(store: Store): Promise<string[]> {
  const faults: string[] = [];
  const expected = expectedAt(store.position);
  const same = (what: string, held: number, wanted: number) => {
    if (held !== wanted) faults.push(`${what}: ${held} instead of ${wanted} at ${store.position}`);
  };
  const { accounts } = await createQueries(store).accounts(ALL);
  const sum = (of: (account: (typeof accounts)[number]) => number) =>
    accounts.reduce((total, account) => total + of(account), 0);
  const inEvents = Math.ceil(store.position / 5);
  same(
    'readings stored by the accounts',
    sum(({ readings }) => readings.stored),
    expected.observations + inEvents + expected.features,
  );
  same(
    'duplicates by the accounts',
    sum(({ readings }) => readings.duplicates),
    expected.duplicateReadings,
  );
  const { pool } = internalsOf(store);
  const { columns } = await pool.run(
    `SELECT (SELECT count(*) FROM event)::INTEGER, (SELECT count(*) FROM feature)::INTEGER,
       (SELECT count(*) FROM rejection)::INTEGER, (SELECT count(DISTINCT key) FROM event)::INTEGER`,
  );
  same('events', columns[0]![0] as number, expected.events);
  same('events by key', columns[3]![0] as number, expected.events);
  same('features', columns[1]![0] as number, expected.features);
  same('rejections', columns[2]![0] as number, expected.rejections);
  return faults;
}

/** Counts from the rollups are those of the rows, after what is due has been built. */
export async function rollupFaults(store: Store): Promise<readonly string[]> {
  if (store.position === 0) return [];
  while ((await store.buildRollups(1000)) > 0);
  const queries = createQueries(store);
  const faults: string[] = [];
  const held = new Map<string, { count: number; sum: number }>();
  for (const dataset of ['air', 'buses', 'archive']) {
    const bucketMs = 86_400_000;
    const { rows } = await queries.totals(ALL, { dataset, dggrs: 'h3', level: 4, bucketMs });
    const count = rows.reduce((total, row) => total + row.count, 0);
    held.set(dataset, { count, sum: rows.reduce((total, row) => total + (row.sum ?? 0), 0) });
  }
  const wanted = new Map([...held.keys()].map((dataset) => [dataset, { count: 0, sum: 0 }]));
  for (let result = 0; result < expectedAt(store.position).observations; result++) {
    const entry = wanted.get(originOf(result).dataset)!;
    entry.count += 1;
    entry.sum += result;
  }
  for (const [dataset, { count, sum }] of wanted) {
    const found = held.get(dataset)!;
    if (found.count === count && Math.abs(found.sum - sum) <= 1e-12 * sum) continue;
    faults.push(
      `totals of "${dataset}": ${found.count} readings, sum ${found.sum}, instead of ${count}, sum ${sum}`,
    );
  }
  return faults;
}

function named(results: readonly number[]): string {
  const some = results.slice(0, NAMED_AT_MOST).join(', ');
  return `${results.length} readings (${some}${results.length > NAMED_AT_MOST ? ', ...' : ''})`;
}
