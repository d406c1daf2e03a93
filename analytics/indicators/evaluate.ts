import { newestOf } from '../query/rows.ts';
import type { Scope } from '../query/scope.ts';
import { thingAnswer } from '../query/thing-answer.ts';
import type { StoreInternals } from '../store/internals.ts';
import { activeAt, feedsOf, hourlyFeeds } from './activity-history.ts';
import { eventCounts, liveDatasetIds } from './event-history.ts';
import { latestAsOf, windowSum } from './history.ts';
import { type Evaluation, evaluateLatest, isLatestFormula, propertiesOf } from './latest-formulas.ts';
import { isLiveDataset, samplesOf } from './samples.ts';
import type { Formula, Indicator } from './schema.ts';

const HOUR_MS = 3_600_000;

/** Does the formula read the database (and not only memory)? Such figures are computed less often. */
export function readsDatabase(formula: Formula): boolean {
  return formula.type === 'window-sum' || formula.type === 'event-count';
}

/** A formula as of now. */
export async function evaluate(
  internals: StoreInternals,
  scope: Scope,
  { formula, periodMs }: Pick<Indicator, 'formula' | 'periodMs'>,
  nowMs: number,
): Promise<Evaluation> {
  if (isLatestFormula(formula)) {
    const samples = new Map(
      propertiesOf(formula).map((property) => [property, samplesOf(internals, scope, property)]),
    );
    return evaluateLatest(formula, samples, nowMs);
  }
  switch (formula.type) {
    case 'window-sum': {
      const samples = samplesOf(internals, scope, formula.property);
      const { value, n } = await windowSum(internals, scope, formula, samples, nowMs);
      const newest = newestOf(samples.map((sample) => sample.time));
      return {
        value,
        newest,
        periodMs: samples.find((sample) => sample.time === newest)?.stream.periodMs ?? formula.windowMs,
        n,
        of: samples.length,
        numerator: null,
        denominator: null,
        datasets: new Set(samples.filter(({ time }) => time !== null).map(({ stream }) => stream.dataset)),
        expectsAll: true,
      };
    }
    case 'active-things':
      return activeThings(internals, scope, formula.categories, formula.windowMs, nowMs);
    case 'event-count':
      return countEvents(internals, scope, formula, periodMs, nowMs);
    case 'feed-availability':
      return availability(internals, scope, nowMs);
  }
}

/** A formula as it was at an earlier instant; null where that cannot be told. */
export async function evaluateAt(
  internals: StoreInternals,
  scope: Scope,
  formula: Formula,
  atMs: number,
): Promise<number | null> {
  switch (formula.type) {
    case 'window-sum': {
      const samples = samplesOf(internals, scope, formula.property);
      return (await windowSum(internals, scope, formula, samples, atMs)).value;
    }
    case 'event-count': {
      const live = liveDatasetIds(internals, scope);
      const { counts, first } = await eventCounts(internals, scope, formula, [atMs], live);
      // Before the first event of the type nothing was connected: unknown, not zero.
      return first === null || first > atMs ? null : (counts.get(Math.round(atMs)) ?? null);
    }
    case 'active-things':
      return activeAt(internals, scope, formula.categories, formula.windowMs, atMs);
    case 'feed-availability': {
      const hour = Math.floor(atMs / HOUR_MS) * HOUR_MS;
      return (await hourlyFeeds(internals, scope, hour, hour + HOUR_MS)).get(hour) ?? null;
    }
    default:
      return latestAsOf(internals, scope, formula, atMs);
  }
}

function activeThings(
  { state }: StoreInternals,
  scope: Scope,
  categories: readonly string[],
  windowMs: number,
  nowMs: number,
): Evaluation {
  let of = 0;
  let n = 0;
  let newest: number | null = null;
  const datasets = new Set<string>();
  for (const thing of state.dictionary.things) {
    if (!categories.includes(thing.category) || !isLiveDataset(state, scope, thing.dataset)) continue;
    const answer = thingAnswer(state, scope, thing)?.answer;
    if (answer === undefined) continue;
    of += 1;
    const time = answer.newestPhenomenonTime;
    if (time === null) continue;
    datasets.add(thing.dataset);
    newest = newestOf([newest, time]);
    if (nowMs - time <= windowMs) n += 1;
  }
  return {
    value: newest === null ? null : n,
    newest,
    // The window is the figure's own idea of "lately".
    periodMs: windowMs,
    n,
    of,
    numerator: null,
    denominator: null,
    datasets,
    expectsAll: false,
  };
}

async function countEvents(
  internals: StoreInternals,
  scope: Scope,
  formula: Extract<Formula, { type: 'event-count' }>,
  indicatorPeriodMs: number,
  nowMs: number,
): Promise<Evaluation> {
  const { state } = internals;
  const live = liveDatasetIds(internals, scope);
  const { counts, newest } = await eventCounts(internals, scope, formula, [nowMs], live);
  const sources = await internals.pool.run(
    `SELECT DISTINCT dataset FROM event WHERE event_type = '${formula.eventType}' AND ${
      live.length === 0 ? 'false' : `dataset IN (${live.join(',')})`
    } AND ${scope.areaSql('beidou')}`,
  );
  const datasets = new Set(
    sources.columns[0]!.map((id) => state.dictionary.datasetName(id as number)).filter(
      (name) => name !== undefined,
    ),
  );
  const count = counts.get(Math.round(nowMs)) ?? 0;
  const periods = [...datasets].map((name) => state.dictionary.dataset(name)?.periodMs ?? 0);
  return {
    value: newest === null ? null : count,
    newest,
    heard: newestOf([newest, ...[...datasets].map((name) => state.newestArrivalOfDataset.get(name) ?? null)]),
    periodMs: Math.max(formula.windowMs ?? 0, indicatorPeriodMs, ...periods),
    n: count,
    of: null,
    numerator: null,
    denominator: null,
    datasets,
    expectsAll: false,
  };
}

function availability({ state }: StoreInternals, scope: Scope, nowMs: number): Evaluation {
  const feeds = feedsOf(state, scope, nowMs);
  const up = feeds.filter((feed) => feed.state === 'live' || feed.state === 'partial').length;
  return {
    value: feeds.length === 0 ? null : (up / feeds.length) * 100,
    newest: newestOf(feeds.map((feed) => feed.newestPhenomenonTime)),
    periodMs: Math.max(60_000, ...feeds.map((feed) => feed.periodMs)),
    n: up,
    of: feeds.length,
    numerator: up,
    denominator: feeds.length,
    datasets: new Set(feeds.map((feed) => feed.dataset)),
    expectsAll: false,
  };
}
