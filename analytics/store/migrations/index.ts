import { migration001 } from './001-index.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** In order of their versions. */
export const MIGRATIONS: readonly Migration[] = [migration001];
