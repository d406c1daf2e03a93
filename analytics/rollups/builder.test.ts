import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_ZONE } from '../../ingest/model/index.ts';
import { makeBatch, T0 } from '../store/fixtures.ts';
import { internalsOf } from '../store/internals.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { gridOf } from '../zones.ts';
import { mergeParts, type Parts, partsOf, standardDeviation } from './parts.ts';
import { RECORD_BASES } from './standing.ts';

const HOUR = 3_600_000;
let store: Store;
let now: number;

beforeEach(async () => {
  now = T0;
  store = await openStore({ path: ':memory:', clock: () => now, rollupIntervalMs: 0 });
});
afterEach(() => store.close());

async function parts(table: string): Promise<readonly { zone: bigint; parts: Parts }[]> {
  const { n, columns: c } = await internalsOf(store).pool.run(
    `SELECT zone, n, total, m2, least, greatest, first_time, first_result, last_time, last_result FROM ${table} ORDER BY bucket, zone`,
  );
  return Array.from({ length: n }, (_, row) => ({
    zone: c[0]![row] as bigint,
    parts: {
      n: Number(c[1]![row]),
      total: c[2]![row] as number,
      m2: c[3]![row] as number,
      least: c[4]![row] as number,
      greatest: c[5]![row] as number,
      first: { time: Number(c[6]![row]), result: c[7]![row] as number },
      last: { time: Number(c[8]![row]), result: c[9]![row] as number },
    },
  }));
}

describe('RollupBuilder.build', () => {
  it('build: parts of closed hours are those of merging the values one by one', async () => {
    const lonLat = [104.6263, 35.5806] as const;
    const values = [1e6 + 0.25, 1e6 + 0.75, 1e6 - 3, 1e6 + 11.5];
    await store.load(
      makeBatch({
        from: 0,
        readings: [
          ...values.map((result, i) => ({ thing: 'a', time: T0 - HOUR + i * 1000, result, lonLat })),
          { thing: 'b', time: T0 - HOUR + 5, result: 7, lonLat: null },
          { thing: 'a', time: T0 + 5, result: 9, lonLat },
        ],
      }),
    );
    expect(await store.buildRollups()).toBe(1);
    expect((await store.metrics()).dirtyHours).toBe(1);
    const wanted = values
      .map((value, i) => partsOf(value, T0 - HOUR + i * 1000))
      .reduce((a, b) => mergeParts(a, b));
    for (const [table, grid, level] of [
      ['rollup_hour_h3_7', 'h3', 7],
      ['rollup_hour_beidou_4', 'beidou2d', 4],
    ] as const) {
      const found = await parts(table);
      expect(found.map((row) => row.zone)).toEqual([gridOf(grid).encode(...lonLat, level), NO_ZONE]);
      const { m2, ...exact } = found[0]!.parts;
      const { m2: wantedM2, ...wantedExact } = wanted;
      expect(exact).toEqual(wantedExact);
      expect(m2).toBeCloseTo(wantedM2, 6);
      expect(standardDeviation(found[0]!.parts)).toBeCloseTo(Math.sqrt(wantedM2 / 4), 6);
    }
    // The open hour closes with the clock.
    now = T0 + HOUR;
    expect(await store.buildRollups()).toBe(1);
    expect(await store.buildRollups()).toBe(0);
  });

  it('build: late data makes an hour dirty, and it is built again', async () => {
    const reading = (result: number) => ({ thing: 'a', time: T0 - HOUR + result, result });
    await store.load(makeBatch({ from: 0, readings: [reading(1)] }));
    await store.buildRollups();
    await store.load(makeBatch({ from: 1, readings: [reading(2)] }));
    expect((await store.metrics()).dirtyHours).toBe(1);
    expect(await store.buildRollups()).toBe(1);
    expect((await parts('rollup_hour_h3_7')).map((row) => row.parts.n)).toEqual([2]);
  });

  it('build: rows that arrive while an hour is built leave it dirty, so nothing is lost', async () => {
    await store.load(makeBatch({ from: 0, readings: [{ thing: 'a', time: T0 - HOUR, result: 1 }] }));
    // Both start in the same turn: the load is behind the build's reading and before its commit.
    const building = store.buildRollups();
    const loading = store.load(
      makeBatch({ from: 1, readings: [{ thing: 'a', time: T0 - HOUR + 1, result: 2 }] }),
    );
    await Promise.all([building, loading]);
    await store.buildRollups();
    expect((await parts('rollup_hour_h3_7')).map((row) => row.parts.n)).toEqual([2]);
    const dirty = await internalsOf(store).pool.run('SELECT count(*) FROM rollup_dirty');
    expect(dirty.columns[0]).toEqual([0n]);
  });

  it('build: finer bases and minutes are kept where they have a row for at least four readings', async () => {
    const { rollups } = internalsOf(store).state;
    const far = [104.6563, 35.5806] as const;
    const readings = (hour: number, count: number, places: number) =>
      Array.from({ length: count }, (_, i) => ({
        thing: `t${i % places}`,
        time: T0 - hour * HOUR + i,
        result: i,
        lonLat: i % places === 0 ? far : ([104.6263 + (i % places) * 0.0004, 35.5806] as const),
      }));
    // Two hours: one of 40 readings at two places, one of a reading each at 40 places.
    await store.load(makeBatch({ from: 0, readings: [...readings(2, 40, 2), ...readings(1, 40, 40)] }));
    expect(await store.buildRollups()).toBe(2);
    const kept = (hour: number) =>
      RECORD_BASES.filter((_, index) => rollups.record('hour', T0 - hour * HOUR)!.rows[index]! > 0).map(
        (entry) => `${entry.kept} ${entry.base.dggrs} ${entry.base.level}`,
      );
    // Level 10 has no more rows than 9 and 8, which are then made of it.
    expect(kept(2)).toEqual([
      'parts h3 10',
      'parts h3 7',
      'parts beidou2d 6',
      'parts beidou2d 4',
      'minute h3 7',
      'minute beidou2d 4',
    ]);
    expect(kept(1)).toEqual([
      'parts h3 9',
      'parts h3 7',
      'parts beidou2d 4',
      'minute h3 7',
      'minute beidou2d 4',
    ]);
  });
});
