import { expect, it } from 'vitest';
import { evaluateLatest } from './latest-formulas.ts';
import type { Sample } from './samples.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

function sample(thing: string, ageMs: number, value: number, periodMs: number): Sample {
  const stream = { id: 1, dataset: 'air', thing, property: 'pm25', periodMs };
  return { stream, time: NOW - ageMs, value, warnAbove: undefined };
}

it('evaluateLatest: the age of a figure is that of the readings in it, judged by their period', () => {
  const samples = [
    // Reports every hour: 30 minutes old and still good.
    sample('hourly', 30 * MINUTE, 40, 60 * MINUTE),
    // Reports every minute: silent for three, so it is not in the figure.
    sample('silent', 3 * MINUTE, 90, MINUTE),
  ];
  const figure = evaluateLatest({ type: 'latest-mean', property: 'pm25' }, new Map([['pm25', samples]]), NOW);
  expect(figure).toMatchObject({ value: 40, newest: NOW - 30 * MINUTE, periodMs: 60 * MINUTE, n: 1, of: 2 });
});

it('evaluateLatest: where nothing counts any more, the newest that is known tells how long', () => {
  const samples = [sample('a', 10 * MINUTE, 40, MINUTE), sample('b', 20 * MINUTE, 50, MINUTE)];
  const figure = evaluateLatest({ type: 'latest-mean', property: 'pm25' }, new Map([['pm25', samples]]), NOW);
  expect(figure).toMatchObject({ value: null, newest: NOW - 10 * MINUTE, n: 0, of: 2 });
});
