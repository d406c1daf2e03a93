import { AsyncLocalStorage } from 'node:async_hooks';

/** What holds for every statement of one question, whichever shape asks it. */
export interface QueryContext {
  /** The asker left, or something ran out of patience: running statements are interrupted, waiting ones refused. */
  readonly signal?: AbortSignal | undefined;
  /** Longest any one statement may run, ms; default the store's. */
  readonly timeoutMs?: number | undefined;
}

const context = new AsyncLocalStorage<QueryContext>();

/** Runs a question under a context; statements it starts see it without being told. */
export function underQueryContext<T>(value: QueryContext, ask: () => T): T {
  return context.run(value, ask);
}

export function currentQueryContext(): QueryContext | undefined {
  return context.getStore();
}
