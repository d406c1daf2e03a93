import { migration001 } from './001-index.ts';
import { migration002 } from './002-account-time.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** In order of their versions. */
export const MIGRATIONS: readonly Migration[] = [migration001, migration002];
