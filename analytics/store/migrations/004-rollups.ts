import type { Migration } from './migration.ts';

export const migration004: Migration = { version: 4, title: 'rollups', statements: [] };
