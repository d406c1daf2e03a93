import { migration001 } from './001-index.ts';
import { migration002 } from './002-account-time.ts';
import { migration003 } from './003-parts.ts';
import { migration004 } from './004-rollups.ts';
import { migration005 } from './005-corrections.ts';
import { migration006 } from './006-event-counts.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** In order of their versions. */
export const MIGRATIONS: readonly Migration[] = [
  migration001,
  migration002,
  migration003,
  migration004,
  migration005,
  migration006,
];
