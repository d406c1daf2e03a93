/** Pieces of SQL the macros are written with. */
import { NO_ZONE } from '../../ingest/model/index.ts';

/** A macro: its call, what it gives, and its body. The documentation's table is made of these. */
export interface Macro {
  /** Name and parameters as called: `h3_parent(cell, level)`. */
  readonly call: string;
  /** One sentence, for the table. */
  readonly gives: string;
  readonly body: string;
}

export const ALL_BITS = (1n << 64n) - 1n;

/** A zone id in SQL. A bare literal would widen the comparison to HUGEINT and switch the zone maps off. */
export function ubigint(zone: bigint): string {
  return `${zone}::UBIGINT`;
}

/** `bits` ones at the bottom. */
export function ones(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}

/** A field of an id, as UBIGINT. */
export function field(id: string, shift: number, bits: number): string {
  return `((${id} >> ${shift}) & ${ubigint(ones(bits))})`;
}

/** The start of a CASE that lets `NO_ZONE` through as it is. */
export function orNoZone(column: string): string {
  return `CASE WHEN ${column} = ${ubigint(NO_ZONE)} THEN ${column}`;
}

/** The value for a level, NULL for one the list has not: levels count from 0 here, lists from 1 in SQL, and below 1 from their end. */
export function pick(byLevel: readonly (bigint | number | null)[], level = 'level'): string {
  const values = byLevel.map((value) => (typeof value === 'bigint' ? ubigint(value) : `${value ?? 'NULL'}`));
  return `(CASE WHEN ${level} >= 0 THEN ([${values.join(', ')}])[${level} + 1] END)`;
}

/** An expression worked out once and used by a name. */
export function once(name: string, expression: string, body: string): string {
  return `list_transform([${expression}], lambda ${name}: ${body})[1]`;
}
