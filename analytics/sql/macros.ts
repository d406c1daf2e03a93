import type { DuckDBConnection } from '@duckdb/node-api';
import type { Macro } from './macro-text.ts';
import { BEIDOU_MACROS } from './macros-beidou.ts';
import { BEIDOU3D_MACROS } from './macros-beidou3d.ts';
import { H3_MACROS } from './macros-h3.ts';

export { type Macro, ubigint } from './macro-text.ts';

/**
 * Zone arithmetic as SQL macros over UBIGINT columns, generated from the tables of the grid's codecs: no extension is needed, and with a constant
 * level a parent or a range is two bit operations a row. Ids given are trusted to be zones of their level; `h3_valid` and `beidou_valid` ask.
 * NULL in any parameter gives NULL. `docs/sql.md` lists them.
 */
export const MACROS: readonly Macro[] = [...H3_MACROS, ...BEIDOU_MACROS, ...BEIDOU3D_MACROS];

/** Makes the macros, or makes them anew: they belong to the program, not to the file. */
export async function createMacros(connection: DuckDBConnection): Promise<void> {
  for (const { call, body } of MACROS) await connection.run(`CREATE OR REPLACE MACRO ${call} AS ${body}`);
}
