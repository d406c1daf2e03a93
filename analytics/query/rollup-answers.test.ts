/** `partsSql` and `sketchSql`: what rollups answer is what the rows answer, at every level and bucket, whatever came in what order. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quantileOf, RELATIVE_ACCURACY } from '../rollups/sketch.ts';
import { dataset, makeBatch, type ReadingInput } from '../store/fixtures.ts';
import { internalsOf } from '../store/internals.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { BUCKET_KINDS } from '../time/city-time.ts';
import type { Access } from './access.ts';
import { type PartsRequest, partsSql, sketchSql } from './parts-sql.ts';
import type { Bucketing } from './plan-span.ts';
import { Scope } from './scope.ts';
import type { GridId } from './shapes.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Clocks in Berlin go forth on the second of the four days, which end in the middle of an hour. */
const BEGIN = Date.UTC(2026, 2, 28);
const END = BEGIN + 3 * DAY + 10 * HOUR + 25 * MINUTE;
const ACCESS: Access = {
  subject: 'admin',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'test',
};
const LEVELS: readonly (readonly [GridId, number])[] = [
  ...[4, 5, 6, 7, 8, 9, 10].map((level) => ['h3', level] as const),
  ...[3, 4, 5, 6].map((level) => ['beidou2d', level] as const),
];
const BUCKETINGS: readonly Bucketing[] = [
  null,
  { ms: HOUR },
  { ms: 20 * MINUTE },
  ...BUCKET_KINDS.map((kind) => ({ kind })),
];

let folder: string;
const stores: Store[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jingwei-rollup-'));
});
afterAll(async () => {
  for (const store of stores) await store.close();
  await rm(folder, { recursive: true, force: true });
});

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** Stations that report every few minutes, a taxi that is everywhere, and a sensor without a place: shuffled, with a few ties. */
function readingsOf(seed: number): ReadingInput[] {
  const next = random(seed);
  const stations = Array.from({ length: 6 }, () => [104.6 + next() * 0.08, 35.55 + next() * 0.08] as const);
  const readings: ReadingInput[] = [];
  for (let time = BEGIN; time < END; time += 6 * MINUTE) {
    for (const [index, lonLat] of stations.entries()) {
      const result = 1e5 + Math.round((next() - 0.7) * 1e6) / 1e3;
      readings.push({ thing: `s${index}`, time: time + Math.floor(next() * 3) * 1000, result, lonLat });
    }
    readings.push({
      thing: 'taxi',
      dataset: 'traffic',
      property: 'speed',
      time: time + 7,
      result: next() < 0.2 ? 0 : (next() - 0.3) * 60,
      lonLat: next() < 0.1 ? null : [104.5 + next() * 0.3, 35.4 + next() * 0.3],
    });
  }
  return readings
    .map((reading) => [next(), reading] as const)
    .sort(([a], [b]) => a - b)
    .map(([, reading]) => reading);
}

interface Line {
  readonly n: number;
  readonly total: number;
  readonly m2: number;
  readonly exact: readonly unknown[];
  readonly magnitude: number;
}

async function lines(store: Store, request: PartsRequest) {
  const { state, pool } = internalsOf(store);
  const { sql, plan } = partsSql(state, new Scope(ACCESS, state), request);
  const { n, columns: c } = await pool.run(sql);
  const found = new Map<string, Line>();
  for (let row = 0; row < n; row++) {
    const [count, total, least, greatest] = [4, 5, 6, 7].map((column) => Number(c[column]![row]));
    found.set([0, 1, 2, 3].map((column) => String(c[column]![row])).join('|'), {
      n: count!,
      total: total!,
      m2: Number(c[9]![row]),
      magnitude: count! * Math.max(Math.abs(least!), Math.abs(greatest!)),
      exact: [count, least, greatest, ...[8, 10, 11, 12, 13].map((column) => Number(c[column]![row]))],
    });
  }
  return { found, plan };
}

async function compare(store: Store, request: PartsRequest): Promise<readonly string[]> {
  const [rollup, raw] = [await lines(store, request), await lines(store, { ...request, rawOnly: true })];
  expect([...rollup.found.keys()].sort()).toEqual([...raw.found.keys()].sort());
  for (const [key, line] of rollup.found) {
    const wanted = raw.found.get(key)!;
    expect(line.exact, key).toEqual(wanted.exact);
    expect(Math.abs(line.total - wanted.total)).toBeLessThanOrEqual(1e-12 * wanted.magnitude);
    // A square of a difference of values of this size has so many digits.
    const scale = wanted.magnitude ** 2 / wanted.n;
    expect(Math.abs(line.m2 - wanted.m2)).toBeLessThanOrEqual(1e-9 * wanted.m2 + 1e-13 * scale);
  }
  return rollup.plan.map(({ from, base }) => `${from} ${base}`);
}

function gathered(bucketing: Bucketing): Pick<PartsRequest, 'bucket' | 'bucketMs'> {
  if (bucketing === null) return {};
  return 'ms' in bucketing ? { bucketMs: bucketing.ms } : { bucket: bucketing.kind };
}

async function sketches(store: Store, request: PartsRequest) {
  const { state, pool } = internalsOf(store);
  const { sql, plan } = sketchSql(state, new Scope(ACCESS, state), request);
  const { n, columns: c } = await pool.run(sql);
  const rows = Array.from({ length: n }, (_, row) => c.map((column) => String(column[row])));
  return { rows: rows.map((row) => row.join('|')).sort(), plan, cells: rows };
}

type Step = 'load' | 'build' | 'seal' | 'wait' | 'late';
const steps = fc.array(fc.constantFrom<Step>('load', 'build', 'seal', 'wait', 'late'), {
  minLength: 4,
  maxLength: 7,
});

describe('partsSql', () => {
  const used = new Set<string>();
  let run = 0;

  it('every level and bucket: late data, corrections, sealing in between, in some time zone', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e6 }),
        steps,
        fc.constantFrom('Asia/Shanghai', 'Asia/Kolkata', 'Europe/Berlin', 'Australia/Lord_Howe'),
        async (seed, script, timezone) => {
          const root = join(folder, `${run++}`);
          let now = BEGIN + DAY;
          const store = await openStore({
            path: join(root, 'j.duckdb'),
            partsDir: join(root, 'parts'),
            sealing: { intervalMs: 0, snapshotEveryMs: 0 },
            clock: () => now,
            rollupIntervalMs: 0,
            timezone,
          });
          stores.push(store);
          const next = random(seed);
          const readings = readingsOf(seed);
          const declarations = [dataset('air', { corrections: true }), dataset('traffic')];
          await store.load(makeBatch({ from: 0, declarations, readings: [] }));
          let at = 0;
          for (const step of [...script, 'load', 'build'] as const) {
            const from = store.position;
            if (step === 'load' || step === 'late') {
              const end = step === 'load' ? Math.ceil((at + readings.length) / 2) : at + 5;
              const later = readings.slice(0, Math.min(at, 3)).map((one) => ({ ...one, result: next() * 9 }));
              await store.load(makeBatch({ from, readings: [...readings.slice(at, end), ...later] }));
              at = Math.min(end, readings.length);
            } else if (step === 'build') await store.buildRollups();
            else if (step === 'seal') await store.seal({ all: true });
            else now = Math.min(END, now + DAY + 3 * HOUR);
          }
          now = END;
          await store.buildRollups(next() < 0.5 ? 40 : undefined);
          await store.load(makeBatch({ from: store.position, readings: readings.slice(at, at + 4) }));
          let pair = 0;
          for (const bucketing of BUCKETINGS) {
            for (const [dggrs, level] of LEVELS) {
              // Half of the pairs a run: all of them in two.
              if ((pair++ + run) % 2 === 0) continue;
              const from = BEGIN + Math.floor(next() * DAY);
              const span = { from, to: next() < 0.5 ? END + DAY : from + Math.floor(next() * 2 * DAY) + 1 };
              const by = { dggrs, level };
              for (const one of await compare(store, {
                span,
                properties: null,
                by,
                full: true,
                ...gathered(bucketing),
              })) {
                used.add(one);
              }
            }
          }
        },
      ),
      { numRuns: 2, seed: 5 },
    );
  }, 60_000);

  it('the comparison above has seen days, hours, minutes, finer bases and rows', () => {
    expect([...used].sort()).toEqual(
      expect.arrayContaining([
        'day h3_7',
        'hour h3_7',
        'minute h3_7',
        'minute beidou_4',
        'hour h3_10',
        'raw null',
      ]),
    );
    expect([...used].some((one) => /^day (h3_(8|9|10)|beidou_[56])$/.test(one))).toBe(true);
  });

  it('BeiDou nests exactly: every level holds the same; sketches and areas of zones too', async () => {
    const store = stores.at(-1)!;
    const { state } = internalsOf(store);
    const span = { from: BEGIN, to: END };
    const totals = new Set<string>();
    for (const level of [3, 4, 5, 6]) {
      const { found } = await lines(store, {
        span,
        properties: null,
        by: { dggrs: 'beidou2d', level },
        full: true,
      });
      const all = [...found.values()];
      const sum = all.reduce((total, line) => total + line.total, 0);
      const of = (column: number, pick: (...values: number[]) => number) =>
        all.reduce((held, line) => pick(held, line.exact[column] as number), all[0]!.exact[column] as number);
      const n = all.reduce((count, line) => count + line.n, 0);
      totals.add([n, of(1, Math.min), of(2, Math.max), of(4, Math.min), Math.round(sum / 1e-3)].join(' '));
    }
    expect(totals.size).toBe(1);

    const airId = state.dictionary.propertyId('pm25')!;
    const whole: PartsRequest = { span, properties: [airId], bucket: 'day' };
    const built = await sketches(store, whole);
    const raw = await sketches(store, { ...whole, rawOnly: true });
    expect(built.rows).toEqual(raw.rows);
    expect(built.plan.map(({ from }) => from)).toContain('sketch');
  });

  it('quantiles of a sketch are within 1 % of the reading of that rank', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.constant(0)), {
          minLength: 1,
          maxLength: 200,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const bins = new Map<number, number>();
          for (const value of values) {
            const bin = binOf(value);
            bins.set(bin, (bins.get(bin) ?? 0) + 1);
          }
          const wanted = [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))]!;
          const found = quantileOf(bins, q)!;
          expect(Math.abs(found - wanted)).toBeLessThanOrEqual(
            RELATIVE_ACCURACY * Math.abs(wanted) * (1 + 1e-9) + 1e-300,
          );
        },
      ),
    );
  });
});

/** The plain version of `binSql`. */
function binOf(value: number): number {
  const gamma = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY);
  if (value === 0) return 0;
  return Math.sign(value) * (Math.ceil(Math.log(Math.abs(value)) / Math.log(gamma)) + 40_000);
}
