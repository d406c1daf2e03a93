import type { Figure, FigureState, FiguresAnswer, IndicatorCard } from '../query/answers.ts';
import { PARTIAL_SHARE, stateByAge, stateOfEvents } from '../query/catalogue.ts';
import { QueryError } from '../query/query-error.ts';
import { newestOf, provenanceOf } from '../query/rows.ts';
import type { Scope } from '../query/scope.ts';
import type { FiguresQuery } from '../query/shapes.ts';
import type { StoreInternals } from '../store/internals.ts';
import { INDICATORS } from './declared.ts';
import { evaluate, evaluateAt, readsDatabase } from './evaluate.ts';
import { hourlyHistory } from './history.ts';
import type { Evaluation } from './latest-formulas.ts';
import type { Indicator } from './schema.ts';

const HOUR_MS = 3_600_000;
/** Points of a spark line, one an hour. */
const SPARK_BUCKETS = 24;
/** How often a figure may be computed again, ms: from memory, from the database, and its history. */
const MEMORY_EVERY_MS = 1_000;
const DATABASE_EVERY_MS = 2_000;
const HISTORY_EVERY_MS = 60_000;
/** Scopes whose figures are kept: those of the roles in use, not of every question ever asked. */
const MAX_SCOPES = 32;

interface Cached<T> {
  at: number;
  value: T;
}

interface History {
  readonly previous: number | null;
  readonly spark: readonly (number | null)[];
}

/** What is kept of one indicator for one scope. */
interface Slot {
  evaluation?: Cached<Evaluation>;
  evaluating?: Promise<Evaluation>;
  history?: Cached<History>;
  historyRun?: Promise<History>;
  /** Closed hours, with the state of their rows when they were computed. */
  readonly hours: Map<number, { readonly value: number | null; readonly version: number }>;
}

const NO_HISTORY: History = { previous: null, spark: Array.from({ length: SPARK_BUCKETS }, () => null) };

/**
 * Computes figures, at most every second and once for all who may see the same, and keeps them. What reads the database
 * goes through the queue of queries like everything else: the loader never waits for a figure.
 */
export class FigureEngine {
  readonly cards: readonly IndicatorCard[] = INDICATORS.map(cardOf);
  readonly #internals: StoreInternals;
  readonly #scopes = new Map<string, Map<string, Slot>>();

  constructor(internals: StoreInternals) {
    this.#internals = internals;
  }

  /** @throws {QueryError} `unknown-property` for an indicator that is not declared. */
  async figures(scope: Scope, query: FiguresQuery): Promise<FiguresAnswer> {
    const asked =
      query.ids === undefined
        ? INDICATORS
        : query.ids.map((id) => {
            const found = INDICATORS.find((indicator) => indicator.id === id);
            if (found === undefined)
              throw new QueryError('unknown-property', `Cannot find the indicator "${id}"`);
            return found;
          });
    const slots = this.#slots(scope);
    const figures = await Promise.all(asked.map((indicator) => this.#figure(scope, indicator, slots)));
    const datasets = figures.flatMap((figure) => figure.datasets);
    const newest = newestOf(figures.map((figure) => figure.newestPhenomenonTime));
    return { figures, provenance: provenanceOf(this.#internals.state, datasets, newest, 'rollup+raw') };
  }

  #slots(scope: Scope): Map<string, Slot> {
    const { datasets, area, masks } = scope.access;
    const key = JSON.stringify([datasets, area, masks]);
    let slots = this.#scopes.get(key);
    if (slots === undefined) {
      slots = new Map(INDICATORS.map(({ id }) => [id, { hours: new Map() }]));
      if (this.#scopes.size >= MAX_SCOPES) this.#scopes.delete(this.#scopes.keys().next().value!);
    } else {
      this.#scopes.delete(key);
    }
    this.#scopes.set(key, slots);
    return slots;
  }

  async #figure(scope: Scope, indicator: Indicator, slots: Map<string, Slot>): Promise<Figure> {
    const slot = slots.get(indicator.id)!;
    try {
      const evaluation = await this.#evaluation(scope, indicator, slot);
      // A figure does not fall for its history: that is asked for again with the next answer.
      const history = await this.#history(scope, indicator, slot).catch((error: unknown) => {
        if (error instanceof QueryError) return NO_HISTORY;
        throw error;
      });
      return this.#compose(indicator, evaluation, history);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      // The index is busy or the question took too long: the screen says so instead of showing an old number as new.
      return errorFigure(indicator);
    }
  }

  async #evaluation(scope: Scope, indicator: Indicator, slot: Slot): Promise<Evaluation> {
    const now = this.#internals.clock();
    const everyMs = readsDatabase(indicator.formula) ? DATABASE_EVERY_MS : MEMORY_EVERY_MS;
    if (slot.evaluation !== undefined && now - slot.evaluation.at < everyMs) return slot.evaluation.value;
    slot.evaluating ??= evaluate(this.#internals, scope, indicator, now)
      .then((value) => {
        slot.evaluation = { at: now, value };
        return value;
      })
      .finally(() => {
        delete slot.evaluating;
      });
    return slot.evaluating;
  }

  /** The first time it is waited for; later the one before is shown while a new one is computed. */
  async #history(scope: Scope, indicator: Indicator, slot: Slot): Promise<History> {
    const now = this.#internals.clock();
    if (slot.history !== undefined && now - slot.history.at < HISTORY_EVERY_MS) return slot.history.value;
    slot.historyRun ??= this.#computeHistory(scope, indicator, slot, now)
      .then((value) => {
        slot.history = { at: now, value };
        return value;
      })
      .finally(() => {
        delete slot.historyRun;
      });
    if (slot.history === undefined) return slot.historyRun;
    slot.historyRun.catch(() => undefined);
    return slot.history.value;
  }

  async #computeHistory(scope: Scope, indicator: Indicator, slot: Slot, now: number): Promise<History> {
    const { state } = this.#internals;
    const open = Math.floor(now / HOUR_MS) * HOUR_MS;
    const first = open - (SPARK_BUCKETS - 1) * HOUR_MS;
    const wanted: number[] = [];
    for (let hour = first; hour <= open; hour += HOUR_MS) {
      const held = slot.hours.get(hour);
      // Late data changes the version of an hour; events have none and are counted again.
      const current =
        held !== undefined &&
        hour < open &&
        indicator.formula.type !== 'event-count' &&
        held.version === state.dirty.touched(hour);
      if (!current) wanted.push(hour);
    }
    const versions = new Map(wanted.map((hour) => [hour, state.dirty.touched(hour)]));
    const from = wanted[0]!;
    const values = await hourlyHistory(this.#internals, scope, indicator.formula, from, open + HOUR_MS, now);
    for (const hour of wanted) {
      slot.hours.set(hour, { value: values.get(hour) ?? null, version: versions.get(hour)! });
    }
    for (const hour of slot.hours.keys()) if (hour < first) slot.hours.delete(hour);
    const spark: (number | null)[] = [];
    for (let hour = first; hour <= open; hour += HOUR_MS) spark.push(slot.hours.get(hour)?.value ?? null);
    return { previous: await evaluateAt(this.#internals, scope, indicator.formula, now - HOUR_MS), spark };
  }

  #compose(indicator: Indicator, evaluation: Evaluation, history: History): Figure {
    const { state, clock } = this.#internals;
    const judged = judge(evaluation, clock());
    const datasets = [...evaluation.datasets].sort();
    const value = judged === 'expired' || judged === 'empty' ? null : evaluation.value;
    return {
      id: indicator.id,
      value,
      state: judged,
      newestPhenomenonTime: evaluation.newest,
      n: evaluation.n,
      of: evaluation.of,
      numerator: evaluation.numerator,
      denominator: evaluation.denominator,
      previous: history.previous,
      datasets,
      demo: datasets.some((dataset) => state.dictionary.dataset(dataset)?.demo === true),
      // The open hour is not over: what is so now stands for it, so that a sum does not seem to fall at every full hour.
      spark: [...history.spark.slice(0, -1), value],
      sparkBucketMs: HOUR_MS,
    };
  }
}

/** The look of a figure: by the age of its newest reading first, then by how many contributed, then by its value. */
export function judge(evaluation: Evaluation, nowMs: number): FigureState {
  const { newest, heard, periodMs } = evaluation;
  const byAge =
    heard === undefined ? stateByAge(newest, nowMs, periodMs) : stateOfEvents(heard, nowMs, periodMs);
  if (byAge === 'live' && evaluation.value === null) return 'empty';
  if (byAge !== 'live') return byAge;
  if (evaluation.expectsAll && evaluation.of !== null && evaluation.n < evaluation.of * PARTIAL_SHARE)
    return 'partial';
  return evaluation.value === 0 ? 'zero' : 'live';
}

function errorFigure(indicator: Indicator): Figure {
  return {
    id: indicator.id,
    value: null,
    state: 'error',
    newestPhenomenonTime: null,
    n: 0,
    of: null,
    numerator: null,
    denominator: null,
    previous: null,
    datasets: [],
    demo: false,
    ...{ spark: NO_HISTORY.spark, sparkBucketMs: HOUR_MS },
  };
}

function cardOf({ formula: _, formulaText, ...card }: Indicator): IndicatorCard {
  return { ...card, formula: formulaText };
}
