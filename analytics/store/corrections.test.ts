/** settleInstant and missingOfInstant: what stands is what was last said, whatever the order of arrival. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missingOfInstant, settleInstant, type Version } from './corrections.ts';

type Said = Version;
interface Store {
  standing: Said[];
  audit: (Said & { restated: boolean })[];
}

/** As the loader writes it down. */
function apply(store: Store, arrivals: readonly Said[]): void {
  const settled = settleInstant(store, arrivals);
  const overtaken = settled.overtaken.map(({ version }) => version);
  store.standing = store.standing.filter((version) => !overtaken.includes(version));
  if (settled.stands !== undefined) {
    store.standing.push(settled.stands);
    store.audit = store.audit.map((version) => ({ ...version, restated: false }));
  }
  if (settled.restated !== undefined) store.audit = store.audit.filter(({ restated }) => !restated);
  for (const version of [...overtaken, ...settled.audit.map(({ version }) => version)]) {
    store.audit.push({ ...version, restated: false });
  }
  if (settled.restated !== undefined) store.audit.push({ ...settled.restated, restated: true });
}

/** Arrivals of one instant, cut into batches at these places. */
function load(arrivals: readonly Said[], cuts: readonly boolean[]): Store {
  const store: Store = { standing: [], audit: [] };
  const batch: Said[] = [];
  arrivals.forEach((arrival, index) => {
    batch.push(arrival);
    if (cuts[index % cuts.length] === true) apply(store, batch.splice(0));
  });
  if (batch.length > 0) apply(store, batch);
  return store;
}

const version = fc.record({
  delayMs: fc.integer({ min: 0, max: 6 }),
  result: fc.integer({ min: 0, max: 3 }),
});
const cuts = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });
const text = ({ delayMs, result }: Said) => `${result}@${delayMs}`;

describe('settleInstant', () => {
  it('settleInstant: of values with resultTimes of their own the last said stands, in any order, however batches are cut', () => {
    const distinct = fc.uniqueArray(version, { selector: ({ delayMs }) => delayMs, minLength: 1 });
    fc.assert(
      fc.property(
        distinct.chain((all) =>
          // Each may come more than once.
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray([...all, ...all, ...all], { minLength: all.length * 3 }),
          ),
        ),
        cuts,
        ([all, arrivals], where) => {
          const store = load(arrivals, where);
          const last = all.reduce((a, b) => (b.delayMs > a.delayMs ? b : a));
          expect(store.standing.map(({ result }) => result)).toEqual([last.result]);
          const values = new Set([...store.standing, ...store.audit].map(({ result }) => result));
          expect(values).toEqual(new Set(all.map(({ result }) => result)));
          expect(store.audit.filter(({ restated }) => restated).length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('settleInstant: where each value is said once, the audit is all but the last, in any order', () => {
    const distinct = fc.uniqueArray(version, {
      comparator: (a, b) => a.delayMs === b.delayMs || a.result === b.result,
      minLength: 1,
    });
    fc.assert(
      fc.property(
        distinct.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        cuts,
        ([all, arrivals], where) => {
          const store = load(arrivals, where);
          const sorted = [...all].sort((a, b) => a.delayMs - b.delayMs);
          expect(store.standing.map(text)).toEqual([text(sorted.at(-1)!)]);
          expect(store.audit.map(text).sort()).toEqual(sorted.slice(0, -1).map(text).sort());
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('settleInstant: the same arrivals in batches cut anywhere leave the same rows, equal resultTimes included', () => {
    fc.assert(
      fc.property(fc.array(version, { maxLength: 12 }), cuts, cuts, (arrivals, one, other) => {
        const [a, b] = [load(arrivals, one), load(arrivals, other)];
        expect(a.standing).toEqual(b.standing);
        const values = ({ audit }: Store) => new Set(audit.map(({ result }) => result));
        expect(values(a)).toEqual(values(b));
      }),
      { numRuns: 1000 },
    );
  });

  it('settleInstant: of equal resultTimes the later arrival stands; what was declared before keeps what is newest', () => {
    const later = settleInstant({ standing: [{ delayMs: 5, result: 1 }], audit: [] }, [
      { delayMs: 5, result: 2 },
    ]);
    expect(later.stands?.result).toBe(2);
    const two = [
      { delayMs: 1, result: 1 },
      { delayMs: 3, result: 2 },
    ];
    expect(settleInstant({ standing: two, audit: [] }, [{ delayMs: 2, result: 9 }]).stands).toBeUndefined();
    expect(settleInstant({ standing: two, audit: [] }, [{ delayMs: 4, result: 9 }]).overtaken).toHaveLength(
      2,
    );
  });
});

describe('missingOfInstant', () => {
  it('missingOfInstant: a replay over a lost standing row brings back that value, and nothing twice', () => {
    fc.assert(
      fc.property(
        fc.array(version, { minLength: 1, maxLength: 12 }),
        cuts,
        cuts,
        (arrivals, where, again) => {
          const { standing, audit } = load(arrivals, where);
          const held: Store = { standing: [], audit };
          const batch: Said[] = [];
          const flush = () => held.standing.push(...missingOfInstant(held, batch.splice(0)));
          arrivals.forEach((arrival, index) => {
            batch.push(arrival);
            if (again[index % again.length] === true) flush();
          });
          flush();
          expect(held.standing.map(({ result }) => result)).toEqual(standing.map(({ result }) => result));
          expect(missingOfInstant({ standing, audit }, arrivals)).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
