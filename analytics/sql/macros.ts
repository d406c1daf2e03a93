import type { DuckDBConnection } from '@duckdb/node-api';
import { BEIDOU_POINT_LEVEL, H3_POINT_LEVEL, NO_ZONE } from '../../ingest/model/index.ts';

/** Bits of a packed BeiDou code that a level fixes, levels 1 to 10. */
const BEIDOU_BITS = [12, 19, 22, 30, 38, 40, 46, 52, 58, 64] as const;
const H3_LEVELS = 16;
const ALL = (1n << 64n) - 1n;

/** Where each level's column and row lie in a packed code: lowest bit, bits, size in 1/2048 arc-second. */
const LON_FIELDS = [
  [48, 4, 3_686_400],
  [42, 1, 1_843_200],
  [38, 4, 122_880],
  [30, 4, 8192],
  [24, 1, 4096],
  [21, 3, 512],
  [15, 3, 64],
  [9, 3, 8],
  [3, 3, 1],
] as const;
const LAT_FIELDS = [
  [45, 3, 3_686_400],
  [43, 2, 1_228_800],
  [34, 4, 122_880],
  [26, 4, 8192],
  [25, 1, 4096],
  [18, 3, 512],
  [12, 3, 64],
  [6, 3, 8],
  [0, 3, 1],
] as const;

/**
 * Zone arithmetic as SQL macros over UBIGINT columns: no extension is needed, and a constant level folds to two bit
 * operations a row. `NO_ZONE` stays `NO_ZONE`.
 *
 * - `h3_parent(cell, level)`, `h3_lo(cell, level)`, `h3_hi(cell, level)`: the cell of a coarser level, and the range at
 *   the point level of a cell of `level`.
 * - `beidou_parent(code, level)`, `beidou_lo(code, level)`, `beidou_hi(code, level)`: likewise.
 * - `beidou_lon(code)`, `beidou_lat(code)`: centre of a point-level code, degrees; NULL for `NO_ZONE`.
 */
export const MACROS: readonly string[] = [
  macro(
    'h3_parent(cell, level)',
    `${none('cell')} ELSE (cell & ${pick(h3KeepMasks())}) | ${pick(h3ParentBits())} END`,
  ),
  macro('h3_lo(cell, level)', `(cell & ${pick(h3KeepMasks())}) | ${pick(h3LowBits())}`),
  macro('h3_hi(cell, level)', `(cell & ${pick(h3KeepMasks())}) | ${pick(h3HighBits())}`),
  macro('beidou_parent(code, level)', `${none('code')} ELSE code & ${pick(beidouKeepMasks())} END`),
  macro('beidou_lo(code, level)', `code & ${pick(beidouKeepMasks())}`),
  macro('beidou_hi(code, level)', `code | ${pick(beidouKeepMasks().map((mask) => ALL ^ mask))}`),
  macro(
    'beidou_lon(code)',
    `CASE WHEN code = ${ubigint(NO_ZONE)} THEN NULL
       WHEN ((code >> 57) & 63::UBIGINT) >= 31 THEN ${degrees('((code >> 57) & 63::UBIGINT)::BIGINT - 31', 44_236_800, LON_FIELDS)}
       ELSE -${degrees('30 - ((code >> 57) & 63::UBIGINT)::BIGINT', 44_236_800, LON_FIELDS)} END`,
  ),
  macro(
    'beidou_lat(code)',
    `CASE WHEN code = ${ubigint(NO_ZONE)} THEN NULL
       WHEN (code >> 63) = 0 THEN ${degrees('((code >> 52) & 31::UBIGINT)::BIGINT', 29_491_200, LAT_FIELDS)}
       ELSE -${degrees('((code >> 52) & 31::UBIGINT)::BIGINT', 29_491_200, LAT_FIELDS)} END`,
  ),
];

/** Makes the macros, or makes them anew: they belong to the program, not to the file. */
export async function createMacros(connection: DuckDBConnection): Promise<void> {
  for (const statement of MACROS) await connection.run(statement);
}

/** A zone id in SQL. A bare literal would widen the comparison to HUGEINT and switch the zone maps off. */
export function ubigint(zone: bigint): string {
  return `${zone}::UBIGINT`;
}

function macro(signature: string, body: string): string {
  return `CREATE OR REPLACE MACRO ${signature} AS ${body}`;
}

function none(column: string): string {
  return `CASE WHEN ${column} = ${ubigint(NO_ZONE)} THEN ${column}`;
}

/** The constant for a level: levels count from 0 here, lists from 1 in SQL. */
function pick(byLevel: readonly bigint[]): string {
  return `([${byLevel.map(ubigint).join(', ')}])[level + 1]`;
}

/** Digits finer than `level`. */
function h3Digits(level: number): bigint {
  return (1n << BigInt(3 * (15 - level))) - 1n;
}

/** Everything but the resolution field and the digits finer than the level. */
function h3KeepMasks(): readonly bigint[] {
  return h3Levels((level) => ALL ^ (15n << 52n) ^ h3Digits(level));
}

/** The resolution field; unused digits are 7. */
function h3ParentBits(): readonly bigint[] {
  return h3Levels((level) => (BigInt(level) << 52n) | h3Digits(level));
}

function h3LowBits(): readonly bigint[] {
  return h3Levels((level) => (BigInt(H3_POINT_LEVEL) << 52n) | (h3Digits(level) & h3Digits(H3_POINT_LEVEL)));
}

/** Digits 6 down to the point level, 7 below it. */
function h3HighBits(): readonly bigint[] {
  return h3Levels((level) => {
    const below = h3Digits(H3_POINT_LEVEL);
    const between = level >= H3_POINT_LEVEL ? 0n : h3Digits(level) ^ below;
    return (BigInt(H3_POINT_LEVEL) << 52n) | ((between / 7n) * 6n) | (below & h3Digits(level));
  });
}

function h3Levels(of: (level: number) => bigint): readonly bigint[] {
  return Array.from({ length: H3_LEVELS }, (_, level) => of(level));
}

/** By level from 0, which no code has. */
function beidouKeepMasks(): readonly bigint[] {
  return [0n, ...BEIDOU_BITS.map((bits) => ALL ^ ((1n << BigInt(64 - bits)) - 1n))].slice(
    0,
    BEIDOU_POINT_LEVEL + 1,
  );
}

function degrees(
  first: string,
  firstSize: number,
  fields: readonly (readonly [low: number, bits: number, size: number])[],
): string {
  const terms = fields.map(
    ([low, bits, size]) => `((code >> ${low}) & ${(1 << bits) - 1}::UBIGINT)::BIGINT * ${size}`,
  );
  return `((((${first}) * ${firstSize} + ${terms.join(' + ')}) + 0.5::DOUBLE) / 7372800::DOUBLE)`;
}
