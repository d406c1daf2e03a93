/** Random batches against a plain judge: the accounts balance at both levels, and each reading is kept exactly once. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQueries } from '../query/create-queries.ts';
import { recordFate } from './accounts.ts';
import { makeBatch, makeEvent, makeRecord, makeRejection, type ReadingInput, T0 } from './fixtures.ts';
import { internalsOf } from './internals.ts';
import { openStore } from './open-store.ts';
import type { Store } from './store.ts';

let store: Store;
beforeAll(async () => {
  store = await openStore({ path: ':memory:', clock: () => T0, rollupIntervalMs: 0 });
});
afterAll(() => store.close());

const reading = fc.record({
  stream: fc.integer({ min: 0, max: 3 }),
  // Few instants and values, so that duplicates are common; two days, so that they cross tables.
  step: fc.integer({ min: 0, max: 5 }),
  day: fc.integer({ min: 0, max: 1 }),
  result: fc.integer({ min: 0, max: 2 }),
  serverTime: fc.boolean(),
});
const event = fc.record({
  key: fc.integer({ min: 0, max: 3 }),
  updated: fc.integer({ min: 0, max: 4 }),
  words: fc.integer({ min: 0, max: 2 }),
});
const record = fc.record({
  source: fc.constantFrom('s1', 's2'),
  readings: fc.array(reading, { maxLength: 4 }),
  events: fc.array(event, { maxLength: 2 }),
  refused: fc.integer({ min: 0, max: 2 }),
  held: fc.integer({ min: 0, max: 1 }),
  malformed: fc.boolean(),
  redelivery: fc.boolean(),
});

describe('Store.load', () => {
  it('load: accounts balance and readings are kept once, over random batches', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(record, { maxLength: 5 }), { minLength: 1, maxLength: 4 }),
        async (batches) => {
          // Each round has a delivery and datasets of its own: it starts from nothing, in one store.
          const dataset = `round-${round++}`;
          const delivery = dataset;
          const kept = new Set<string>();
          let serverTimes = 0;
          const expected = { in: 0, stored: 0, refused: 0, held: 0, duplicates: 0 };
          const records = { in: 0, stored: 0, refused: 0, held: 0, duplicates: 0 };
          let partial = 0;
          for (const batch of batches) {
            const inputs: ReadingInput[] = [];
            const events: ReturnType<typeof makeEvent>[] = [];
            const rejections: ReturnType<typeof makeRejection>[] = [];
            const malformed = (one: (typeof batch)[number]) =>
              one.malformed &&
              one.readings.length + one.events.length + one.refused + one.held === 0 &&
              !one.redelivery;
            batch.forEach((one, index) => {
              if (malformed(one)) rejections.push(makeRejection({ dataset, record: index, readings: 0 }));
              if (one.redelivery) return;
              for (const { stream, step, day, result, serverTime } of one.readings) {
                const time = T0 + day * 86_400_000 + step * 1000;
                inputs.push({
                  dataset,
                  thing: `${dataset}-${stream}`,
                  time,
                  result,
                  serverTime,
                  record: index,
                });
              }
              for (const { key, updated, words } of one.events) {
                events.push(
                  makeEvent({
                    dataset,
                    key: `${key}`,
                    updated: T0 + updated,
                    title: `${words}`,
                    record: index,
                  }),
                );
              }
            });
            const delta = await store.load(
              makeBatch({
                from: store.position,
                readings: inputs,
                events,
                rejections,
                records: batch.map((one) =>
                  makeRecord({
                    dataset,
                    delivery,
                    sourceId: one.source,
                    refused: one.redelivery ? 0 : one.refused,
                    held: one.redelivery ? 0 : one.held,
                    redelivery: one.redelivery,
                  }),
                ),
              }),
            );
            // The judge takes readings one by one; what becomes of events it takes from their own rule's test.
            const storedOf = batch.map(() => 0);
            const duplicatesOf = batch.map(() => 0);
            for (const input of inputs) {
              const key = `${input.thing} ${input.time} ${input.result}`;
              const known = input.serverTime !== true && kept.has(key);
              if (known) duplicatesOf[input.record!]! += 1;
              else storedOf[input.record!]! += 1;
              if (input.serverTime === true) serverTimes += 1;
              else kept.add(key);
            }
            expect(delta.counts.observations).toBe(storedOf.reduce((a, b) => a + b, 0));
            const t = delta.counts.readings;
            expect(t.in).toBe(t.stored + t.refused + t.held + t.duplicates);
            expect(t.in).toBe(
              inputs.length +
                events.length +
                batch.reduce((sum, one) => sum + (one.redelivery ? 0 : one.refused + one.held), 0),
            );
            batch.forEach((one, index) => {
              if (one.events.length > 0 && !one.redelivery) return;
              const fate = recordFate(
                {
                  redelivery: one.redelivery,
                  refused: one.refused > 0 || malformed(one),
                  held: one.held > 0,
                },
                { stored: storedOf[index]!, duplicates: duplicatesOf[index]! },
              );
              records[fate.fate] += 1;
              if (fate.partial) partial += 1;
            });
            records.in += batch.length;
            for (const way of ['in', 'stored', 'refused', 'held', 'duplicates'] as const)
              expected[way] += t[way];
          }
          const { accounts } = await createQueries(store).accounts({
            subject: 'x',
            role: 'admin',
            datasets: [dataset],
            area: null,
            finestLevel: null,
            masks: [],
            purpose: 'test',
          });
          const sum = (of: (account: (typeof accounts)[number]) => number) =>
            accounts.reduce((total, account) => total + of(account), 0);
          for (const way of ['in', 'stored', 'refused', 'held', 'duplicates'] as const) {
            expect(sum((account) => account.readings[way])).toBe(expected[way]);
          }
          expect(sum((account) => account.records.in)).toBe(records.in);
          for (const { records: r, partialRecords } of accounts) {
            expect(r.in).toBe(r.stored + r.refused + r.held + r.duplicates);
            expect(partialRecords).toBeLessThanOrEqual(r.stored);
          }
          if (batches.every((batch) => batch.every((one) => one.events.length === 0))) {
            for (const way of ['stored', 'refused', 'held', 'duplicates'] as const) {
              expect(sum((account) => account.records[way])).toBe(records[way]);
            }
            expect(sum((account) => account.partialRecords)).toBe(partial);
          }
          const rows = await internalsOf(store).pool.run(
            `SELECT count(*) FROM observation JOIN datastream d ON datastream = d.id JOIN dataset s ON s.id = d.dataset
           WHERE s.name = '${dataset}'`,
          );
          expect(Number(rows.columns[0]![0])).toBe(kept.size + serverTimes);
        },
      ),
      { numRuns: 40, seed: 20_260_301 },
    );
  });
});
