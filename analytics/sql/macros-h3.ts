/** Macros of H3 indexes, generated from the layout of the index. */
import { H3_ID_LAYOUT } from '../../grid/index.ts';
import { H3_POINT_LEVEL, NO_ZONE } from '../../ingest/model/index.ts';
import { ALL_BITS, field, type Macro, once, ones, orNoZone, pick, ubigint } from './macro-text.ts';

const { maxLevel, digitBits, resolutionShift, resolutionBits, baseCellShift, baseCellBits } = H3_ID_LAYOUT;
const RESOLUTION_FIELD = ones(resolutionBits) << BigInt(resolutionShift);

export const H3_MACROS: readonly Macro[] = [
  {
    call: 'h3_parent(cell, level)',
    gives: 'The cell of a coarser (or the same) level that holds it; `NO_ZONE` stays `NO_ZONE`.',
    body: `${orNoZone('cell')} ELSE (cell & ${pick(keepMasks())}) | ${pick(parentBits())} END`,
  },
  {
    call: 'h3_lo(cell, level)',
    gives: `First id at the point level (${H3_POINT_LEVEL}) inside a cell of the level.`,
    body: `(cell & ${pick(keepMasks())}) | ${pick(lowBits())}`,
  },
  {
    call: 'h3_hi(cell, level)',
    gives: `Last id at the point level (${H3_POINT_LEVEL}) inside a cell of the level.`,
    body: `(cell & ${pick(keepMasks())}) | ${pick(highBits())}`,
  },
  {
    call: 'h3_level(cell)',
    gives: 'The level an id carries, 0 to 15; NULL for `NO_ZONE`.',
    body: `CASE WHEN cell <> ${ubigint(NO_ZONE)} THEN ${level('cell')} END`,
  },
  {
    call: 'h3_text(cell)',
    gives: 'Text of a cell, 15 hexadecimal characters; NULL for `NO_ZONE`.',
    body: `CASE WHEN cell <> ${ubigint(NO_ZONE)} THEN format('{:x}', cell) END`,
  },
  {
    call: 'h3_valid(cell)',
    gives: 'Is the id a cell? Mode, base cell, digits and the missing digit of pentagons.',
    body: valid('cell'),
  },
  {
    call: 'h3_zone(txt)',
    gives: 'Id of a canonical text, NULL for every other.',
    body: once(
      'packed',
      "CASE WHEN regexp_full_match(txt, '[0-9a-f]{15}') THEN TRY_CAST('0x' || txt AS UBIGINT) END",
      'CASE WHEN h3_valid(packed) THEN packed END',
    ),
  },
];

/** Digits finer than a level. */
function finer(at: number): bigint {
  return ones(digitBits * (maxLevel - at));
}

function byLevel<T>(of: (level: number) => T): readonly T[] {
  return Array.from({ length: maxLevel + 1 }, (_, at) => of(at));
}

/** Everything but the resolution field and the digits finer than the level. */
function keepMasks(): readonly bigint[] {
  return byLevel((at) => ALL_BITS ^ RESOLUTION_FIELD ^ finer(at));
}

/** The resolution field; unused digits are 7. */
function parentBits(): readonly bigint[] {
  return byLevel((at) => (BigInt(at) << BigInt(resolutionShift)) | finer(at));
}

function lowBits(): readonly bigint[] {
  return byLevel((at) => pointField() | (finer(at) & finer(H3_POINT_LEVEL)));
}

/** Digits 6 down to the point level, 7 below it. */
function highBits(): readonly bigint[] {
  return byLevel((at) => {
    const below = finer(H3_POINT_LEVEL);
    const between = at >= H3_POINT_LEVEL ? 0n : finer(at) ^ below;
    return pointField() | ((between / 7n) * 6n) | (below & finer(at));
  });
}

function pointField(): bigint {
  return BigInt(H3_POINT_LEVEL) << BigInt(resolutionShift);
}

function level(cell: string): string {
  return `${field(cell, resolutionShift, resolutionBits)}::INTEGER`;
}

function valid(cell: string): string {
  const { modeShift, cellMode, reservedShift, reservedBits, baseCells, pentagonBaseCells, deletedDigit } =
    H3_ID_LAYOUT;
  const at = level(cell);
  const base = field(cell, baseCellShift, baseCellBits);
  // Lowest bits of all digits: where a digit is 7, it and its two shifts are 1 there.
  const lowest = ubigint(ones(digitBits * maxLevel) / 7n);
  const sevens = `(${cell} & (${cell} >> 1) & (${cell} >> 2) & ${lowest})`;
  const unused = pick(
    byLevel((each) => finer(each) / 7n),
    at,
  );
  // Used digits alone; the first that is not 0 is the one its highest bit lies in, and is 1 when that bit is the digit's lowest.
  const used = `(${field(cell, 0, digitBits * maxLevel)} >> (${digitBits} * (${maxLevel} - ${at})))`;
  const deleted = `(${used} > 0 AND length(bin(${used})) % ${digitBits} = ${deletedDigit})`;
  return [
    `(${cell} >> ${modeShift}) = ${ubigint(BigInt(cellMode))}`,
    `${field(cell, reservedShift, reservedBits)} = 0`,
    `${base} < ${baseCells}`,
    `${sevens} = ${unused}`,
    `NOT (${base} IN (${pentagonBaseCells.join(', ')}) AND ${deleted})`,
  ].join(' AND ');
}
