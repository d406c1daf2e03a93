import type { Store, StoreOptions } from './store.ts';

/** Opens (or makes) the index. */
export async function openStore(_options: StoreOptions): Promise<Store> {
  throw new Error('Not yet');
}
