import { EXPIRED_PERIODS, STALE_PERIODS } from '../query/catalogue.ts';
import { newestOf } from '../query/rows.ts';
import { AQI_POLLUTANTS, type AqiPollutant, aqi } from './aqi.ts';
import type { Sample } from './samples.ts';
import type { Formula } from './schema.ts';

/** What a formula gives before its state is judged. */
export interface Evaluation {
  readonly value: number | null;
  readonly newest: number | null;
  /** Of events: the newest of what happened and what arrived; the figure is judged by it, its age shown is `newest`. */
  readonly heard?: number | null;
  /** Period by which the newest reading is judged, ms. */
  readonly periodMs: number;
  readonly n: number;
  readonly of: number | null;
  readonly numerator: number | null;
  readonly denominator: number | null;
  readonly datasets: ReadonlySet<string>;
  /** True when `of` are expected to contribute: buses in the depot are no missing feed. */
  readonly expectsAll: boolean;
}

export type LatestFormula = Extract<
  Formula,
  { type: 'latest-mean' | 'latest-max' | 'latest-sum' | 'latest-share' | 'air-quality-index' }
>;

export function isLatestFormula(formula: Formula): formula is LatestFormula {
  return formula.type.startsWith('latest-') || formula.type === 'air-quality-index';
}

/** Properties that a latest formula reads. */
export function propertiesOf(formula: LatestFormula): readonly string[] {
  return formula.type === 'air-quality-index' ? AQI_POLLUTANTS : [formula.property];
}

/**
 * Samples that count at an instant: those not older than two of their periods; where there are none, those not older
 * than six, so that a feed that fell silent shows its last value as stale before it expires.
 */
export function contributing(samples: readonly Sample[], nowMs: number): readonly Sample[] {
  const within = (periods: number) =>
    samples.filter(
      (sample) => sample.time !== null && nowMs - sample.time <= sample.stream.periodMs * periods,
    );
  const fresh = within(STALE_PERIODS);
  return fresh.length > 0 ? fresh : within(EXPIRED_PERIODS);
}

/**
 * Evaluates a formula over the latest readings as of an instant. Pure.
 *
 * @param counting - Which of the samples count at the instant.
 */
export function evaluateLatest(
  formula: LatestFormula,
  samplesByProperty: ReadonlyMap<string, readonly Sample[]>,
  nowMs: number,
  counting: typeof contributing = contributing,
): Evaluation {
  if (formula.type === 'air-quality-index') return evaluateAqi(samplesByProperty, nowMs, counting);
  let expected = samplesByProperty.get(formula.property) ?? [];
  if (formula.type === 'latest-share' && formula.threshold === 'warn-above') {
    expected = expected.filter((sample) => sample.warnAbove !== undefined);
  }
  const counted = counting(expected, nowMs);
  const base = baseOf(expected, counted);
  if (counted.length === 0) return { ...base, value: null };
  switch (formula.type) {
    case 'latest-mean':
      return { ...base, value: sum(counted, (sample) => sample.value) / counted.length };
    case 'latest-max':
      return { ...base, value: Math.max(...counted.map((sample) => sample.value)) };
    case 'latest-sum': {
      const hours = (sample: Sample) => (formula.perHour ? 3_600_000 / sample.stream.periodMs : 1);
      return { ...base, value: sum(counted, (sample) => sample.value * hours(sample)) };
    }
    case 'latest-share': {
      const { threshold } = formula;
      const numerator = counted.filter((sample) =>
        threshold === 'warn-above' ? sample.value > sample.warnAbove! : sample.value >= threshold.atLeast,
      ).length;
      const value = formula.as === 'count' ? numerator : (numerator / counted.length) * 100;
      return { ...base, value, numerator, denominator: counted.length };
    }
  }
}

function evaluateAqi(
  samplesByProperty: ReadonlyMap<string, readonly Sample[]>,
  nowMs: number,
  counting: typeof contributing,
): Evaluation {
  const means = new Map<AqiPollutant, number>();
  const stations = new Set<string>();
  const expectedStations = new Set<string>();
  const all: Sample[] = [];
  const allCounted: Sample[] = [];
  for (const pollutant of AQI_POLLUTANTS) {
    const expected = samplesByProperty.get(pollutant) ?? [];
    const counted = counting(expected, nowMs);
    all.push(...expected);
    allCounted.push(...counted);
    for (const { stream } of expected) expectedStations.add(stream.thing);
    for (const { stream } of counted) stations.add(stream.thing);
    if (counted.length > 0) means.set(pollutant, sum(counted, (sample) => sample.value) / counted.length);
  }
  return { ...baseOf(all, allCounted), value: aqi(means), n: stations.size, of: expectedStations.size };
}

function baseOf(expected: readonly Sample[], counted: readonly Sample[]): Omit<Evaluation, 'value'> {
  // The age of a figure is that of what is in it; of the silent ones only where nothing else is left.
  const known = counted.length > 0 ? counted : expected.filter((sample) => sample.time !== null);
  const newest = newestOf(known.map((sample) => sample.time));
  const newestSample = known.find((sample) => sample.time === newest);
  return {
    newest,
    periodMs: newestSample?.stream.periodMs ?? 3_600_000,
    n: counted.length,
    of: expected.length,
    numerator: null,
    denominator: null,
    datasets: new Set(known.map((sample) => sample.stream.dataset)),
    expectsAll: true,
  };
}

function sum(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return samples.reduce((total, sample) => total + of(sample), 0);
}
