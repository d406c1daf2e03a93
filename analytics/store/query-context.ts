import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Which queue a statement waits in. `quick`: rollups, dictionaries, the latest values, one thing's hour. `heavy`: raw rows of
 * whose number nobody is sure; one at a time.
 */
export type Lane = 'quick' | 'heavy';

/** What holds for every statement of one question, whichever shape asks it. */
export interface QueryContext {
  /** The asker left, or something ran out of patience: running statements are interrupted, waiting ones refused. */
  readonly signal?: AbortSignal | undefined;
  /** Longest the statements of the question may run, added up, ms; waiting is not counted. Default the store's. */
  readonly timeoutMs?: number | undefined;
  /** Who asks: askers take turns, however much each of them wants. Default: all the unnamed are one. */
  readonly asker?: string | undefined;
}

/** A question under way. */
export interface Question extends QueryContext {
  /** How long its statements have run, ms. */
  spentMs: number;
}

const context = new AsyncLocalStorage<Question>();

/** Runs a question under a context; statements it starts see it without being told. */
export function underQueryContext<T>(value: QueryContext, ask: () => T): T {
  return context.run({ ...value, spentMs: 0 }, ask);
}

export function currentQueryContext(): Question | undefined {
  return context.getStore();
}
