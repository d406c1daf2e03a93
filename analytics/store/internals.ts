import type { EpochMs } from '../../ingest/model/index.ts';
import type { QueryPool } from './query-pool.ts';
import type { StoreState } from './state.ts';
import type { Store } from './store.ts';

/** What the query shapes need of a store and nobody else may have: rows without an `Access`. Not exported from the room. */
export interface StoreInternals {
  readonly state: StoreState;
  readonly pool: QueryPool;
  readonly clock: () => EpochMs;
}

const internals = new WeakMap<Store, StoreInternals>();

export function setInternals(store: Store, value: StoreInternals): void {
  internals.set(store, value);
}

/** @throws {TypeError} for a store that `openStore` did not make. */
export function internalsOf(store: Store): StoreInternals {
  const found = internals.get(store);
  if (found === undefined) throw new TypeError('Cannot query this store: openStore did not make it');
  return found;
}
