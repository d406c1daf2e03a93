/** Macros of packed BeiDou codes, generated from the level tables of GB/T 39409-2020 that the codec uses. */
import { BEIDOU_ID_LAYOUT, type BeidouLevelLayout, beidou2d } from '../../grid/index.ts';
import { NO_ZONE } from '../../ingest/model/index.ts';
import { ALL_BITS, field, type Macro, once, ones, orNoZone, pick, ubigint } from './macro-text.ts';

const { levels, unitsPerDegree, lonLimitUnits, polarUnits, polarMaxLevel, snapUnits, hemisphereShift } =
  BEIDOU_ID_LAYOUT;
const first = levels[0]!;
const finerLevels = levels.slice(1);
const DIGITS = '0123456789ABCDE';
/** Zone numbers of the two zones beside the prime meridian. */
const [WEST_ZONE, EAST_ZONE] = [first.columns, first.columns + 1];
/** By level from 0, which no code has. */
const keepMasks = [null, ...levels.map(({ bitsUsed }) => ALL_BITS ^ ones(64 - bitsUsed))];
const belowMasks = [null, ...levels.map(({ bitsUsed }) => ones(64 - bitsUsed))];
/** A code that carries its level has no room for the last one. */
const selfDescribing = levels.length - 1;

const zoneNumber = field('code', first.columnShift, first.columnBits);
const row = field('code', first.rowShift, first.rowBits);
const isPolar = `${zoneNumber} = 0`;
const isSouth = `(code >> ${hemisphereShift}) = 1`;
const isNone = `code = ${ubigint(NO_ZONE)}`;

export const BEIDOU_MACROS: readonly Macro[] = [
  {
    call: 'beidou_parent(code, level)',
    gives: 'The code of a coarser (or the same) level that holds it; `NO_ZONE` stays `NO_ZONE`.',
    body: `${orNoZone('code')} ELSE code & ${pick(keepMasks)} END`,
  },
  {
    call: 'beidou_lo(code, level)',
    gives: 'First point-level code inside a code of the level.',
    body: `code & ${pick(keepMasks)}`,
  },
  {
    call: 'beidou_hi(code, level)',
    gives: 'Last point-level code inside a code of the level.',
    body: `code | ${pick(belowMasks)}`,
  },
  {
    call: 'beidou_lon(code)',
    gives: 'Longitude of the centre of a point-level code, degrees; NULL for `NO_ZONE`.',
    body: `CASE WHEN ${isNone} THEN NULL WHEN ${zoneNumber} >= ${EAST_ZONE} THEN ${lonOf()} ELSE -${lonOf()} END`,
  },
  {
    call: 'beidou_lat(code)',
    gives: 'Latitude of the centre of a point-level code, degrees; NULL for `NO_ZONE`.',
    body: `CASE WHEN ${isNone} THEN NULL WHEN ${isSouth} THEN -${latOf()} ELSE ${latOf()} END`,
  },
  {
    call: 'beidou_centre_lon(code, level)',
    gives: 'Longitude of the centre of a code of any level, polar caps too, degrees; NULL for `NO_ZONE`.',
    body: `CASE WHEN ${isNone} THEN NULL WHEN ${isPolar} THEN ${polarCentre(0)} WHEN ${zoneNumber} >= ${EAST_ZONE} THEN ${lonOf(true)} ELSE -${lonOf(true)} END`,
  },
  {
    call: 'beidou_centre_lat(code, level)',
    gives: 'Latitude of the centre of a code of any level, polar caps too, degrees; NULL for `NO_ZONE`.',
    body: `CASE WHEN ${isNone} THEN NULL WHEN ${isPolar} THEN (CASE WHEN ${isSouth} THEN -1 ELSE 1 END) * ${polarCentre(1)} WHEN ${isSouth} THEN -${latOf(true)} ELSE ${latOf(true)} END`,
  },
  {
    call: 'beidou_encode(lon, lat, level)',
    gives:
      'Code of a CGCS2000 position, with the snap to cell edges of `encode`; `NO_ZONE` where the grid refuses it.',
    body: encode(),
  },
  {
    call: 'beidou_valid(code, level)',
    gives: 'Is it a code of the level? Every digit in its range, no bits below the level.',
    body: valid(),
  },
  {
    call: 'beidou_text(code, level)',
    gives: 'Text of a code of the level; NULL for `NO_ZONE` and polar caps finer than level 2.',
    body: `CASE WHEN ${isNone} OR (${isPolar} AND level > ${polarMaxLevel}) THEN NULL ELSE left(${fullText()}, ${pick([null, ...levels.map(({ length }) => length)])}) END`,
  },
  {
    call: 'beidou_text_level(txt)',
    gives: 'Level of a text by its length, NULL for a length no level has.',
    body: `CASE length(txt) ${levels.map(({ length, level }) => `WHEN ${length} THEN ${level}`).join(' ')} END`,
  },
  {
    call: 'beidou_zone(txt)',
    gives: 'Code of a canonical text, NULL for every other.',
    // Each once: a text is often an expression itself, and would be written out a hundred times.
    body: once(
      'given',
      'txt',
      once(
        'packed',
        parsed('given'),
        once(
          'its_level',
          'beidou_text_level(given)',
          'CASE WHEN beidou_valid(packed, its_level) AND beidou_text(packed, its_level) = given THEN packed END',
        ),
      ),
    ),
  },
  {
    call: 'beidou_uint64(code, level)',
    gives: `The id that carries its level in its lowest bits, levels 1 to ${selfDescribing}; NULL for level ${levels.length} and \`NO_ZONE\`.`,
    body: `CASE WHEN level BETWEEN 1 AND ${selfDescribing} AND code <> ${ubigint(NO_ZONE)} THEN code | level::UBIGINT END`,
  },
  {
    call: 'beidou_uint64_level(id)',
    gives: 'Level of an id that carries it, NULL when it is none.',
    body: `CASE WHEN ${field('id', 0, 6)} BETWEEN 1 AND ${selfDescribing} THEN ${field('id', 0, 6)}::INTEGER END`,
  },
  {
    call: 'beidou_uint64_zone(id)',
    gives: 'Code of an id that carries its level, NULL when it is none.',
    body: `CASE WHEN ${field('id', 0, 6)} BETWEEN 1 AND ${selfDescribing} THEN id & ${ubigint(ALL_BITS ^ ones(6))} END`,
  },
];

/** |lon| or |lat| of the centre, degrees: of the point level, or of the level asked for. */
function lonOf(anyLevel = false): string {
  const zone = `${zoneNumber}::BIGINT`;
  const column = `(CASE WHEN ${zone} >= ${EAST_ZONE} THEN ${zone} - ${EAST_ZONE} ELSE ${WEST_ZONE} - ${zone} END)`;
  const terms = finerLevels.map(
    (each) => `${field('code', each.columnShift, each.columnBits)}::BIGINT * ${each.lonUnits}`,
  );
  const half = anyLevel ? pick([null, ...levels.map(({ lonUnits }) => lonUnits / 2)]) : '0.5';
  return degrees([`${column} * ${first.lonUnits}`, ...terms], half);
}

function latOf(anyLevel = false): string {
  const terms = finerLevels.map(
    (each) => `${field('code', each.rowShift, each.rowBits)}::BIGINT * ${each.latUnits}`,
  );
  const half = anyLevel ? pick([null, ...levels.map(({ latUnits }) => latUnits / 2)]) : '0.5';
  return degrees([`${row}::BIGINT * ${first.latUnits}`, ...terms], half);
}

function degrees(terms: readonly string[], half: string): string {
  return `(((${terms.join(' + ')}) + ${half}::DOUBLE) / ${unitsPerDegree}::DOUBLE)`;
}

/** Centres of the polar cells: of the cap itself, or of the sixteen of level 2 by their two digits. Only the north; latitudes are mirrored. */
function polarCentre(axis: 0 | 1): string {
  const cells = Array.from(
    { length: 16 },
    (_, n) => beidou2d.centre(beidou2d.parse(`N000${n >> 2}${n & 3}`).zone, 2)[axis],
  );
  const cap = beidou2d.centre(beidou2d.parse('N000').zone, 1)[axis];
  const second = finerLevels[0]!;
  const digits = `(${field('code', second.columnShift, second.columnBits)} * 4 + ${field('code', second.rowShift, second.rowBits)})::INTEGER`;
  return `(CASE WHEN level = 1 THEN ${cap}::DOUBLE WHEN level = 2 THEN (${pick(cells, digits)})::DOUBLE END)`;
}

/** Whole units at or below a magnitude in degrees, snapped to an edge that is very near. */
function wholeUnits(degree: string): string {
  const units = `(abs(${degree}::DOUBLE) * ${unitsPerDegree}::DOUBLE)`;
  return `TRY_CAST(CASE WHEN abs(${units} - round(${units})) < ${snapUnits}::DOUBLE THEN round(${units}) ELSE floor(${units}) END AS BIGINT)`;
}

function encode(): string {
  const placed = (index: string, shift: number): string => `((${index})::UBIGINT << ${shift})`;
  const column = `(x // ${first.lonUnits})`;
  const zone = `(CASE WHEN lon < 0 THEN ${WEST_ZONE} - ${column} ELSE ${EAST_ZONE} + ${column} END)`;
  const south = `(CASE WHEN lat < 0 THEN ${ubigint(1n << BigInt(hemisphereShift))} ELSE 0::UBIGINT END)`;
  const parts = finerLevels.flatMap((each) => [
    placed(`(x // ${each.lonUnits}) % ${each.columns}`, each.columnShift),
    placed(`(y // ${each.latUnits}) % ${each.rows}`, each.rowShift),
  ]);
  const code = [
    south,
    placed(zone, first.columnShift),
    placed(`y // ${first.latUnits}`, first.rowShift),
    ...parts,
  ].join(' | ');
  const body = `CASE WHEN level NOT BETWEEN 1 AND ${levels.length} THEN NULL
      WHEN y >= ${polarUnits} THEN (CASE level WHEN 1 THEN ${south} WHEN 2 THEN ${south} | ${polarDigits()} ELSE ${ubigint(NO_ZONE)} END)
      ELSE (${code}) & ${pick(keepMasks)} END`;
  const x = `least(${wholeUnits('lon')}, ${lonLimitUnits - 1})`;
  return `CASE WHEN lon IS NULL OR lat IS NULL OR level IS NULL THEN NULL
    WHEN NOT (abs(lon::DOUBLE) <= 180 AND abs(lat::DOUBLE) <= 90) THEN ${ubigint(NO_ZONE)}
    ELSE ${once('x', x, once('y', wholeUnits('lat'), body))} END`;
}

/** The two digits of a polar cell of level 2, in place: rings of half a degree, sectors of 120 degrees, halves of 60. */
function polarDigits(): string {
  const second = finerLevels[0]!;
  const at = (halfDegrees: number): string => `y >= ${(halfDegrees * unitsPerDegree) / 2}`;
  const sector = `(CASE WHEN x >= ${120 * unitsPerDegree} THEN 2 WHEN lon < 0 THEN 3 ELSE 1 END)`;
  const outer = `(CASE WHEN x >= ${120 * unitsPerDegree} THEN lon < 0 ELSE x >= ${60 * unitsPerDegree} END)::INTEGER`;
  const digits = `(CASE WHEN ${at(179)} THEN 0 WHEN ${at(178)} THEN ${sector} WHEN ${at(177)} THEN ${sector} * 8 + 2 + ${outer} ELSE ${sector} * 8 + ${outer} END)`;
  return `(${digits}::UBIGINT << ${second.rowShift})`;
}

function valid(): string {
  const digit = (each: BeidouLevelLayout): string =>
    `(level < ${each.level} OR (${field('code', each.columnShift, each.columnBits)} < ${each.columns} AND ${field('code', each.rowShift, each.rowBits)} < ${each.rows}))`;
  const second = finerLevels[0]!;
  const polarDigit = (shift: number, bits: number): string => `${field('code', shift, bits)} < 4`;
  const polar = `(${row} = 0 AND level <= ${polarMaxLevel} AND ${polarDigit(second.columnShift, second.columnBits)} AND ${polarDigit(second.rowShift, second.rowBits)})`;
  const ordinary = [
    `${zoneNumber} <= ${2 * first.columns}`,
    `${row} < ${first.rows}`,
    ...finerLevels.map(digit),
  ].join(' AND ');
  return `CASE WHEN code IS NULL OR level IS NULL THEN NULL ELSE coalesce((code & ${pick(belowMasks)}) = 0, false) AND (CASE WHEN ${isPolar} THEN ${polar} ELSE ${ordinary} END) END`;
}

/** Characters of one level of the text, column before row. */
export function levelText(each: BeidouLevelLayout): string {
  const digit = (value: string): string => `substr('${DIGITS}', (${value})::INTEGER + 1, 1)`;
  const column = field('code', each.columnShift, each.columnBits);
  const rows = field('code', each.rowShift, each.rowBits);
  if (each.level === 1) {
    return `lpad(${zoneNumber}::VARCHAR, 2, '0') || (CASE WHEN ${isPolar} THEN '0' ELSE chr(65 + ${row}::INTEGER) END)`;
  }
  return each.chars === 1 ? digit(`${rows} * 2 + ${column}`) : `${digit(column)} || ${digit(rows)}`;
}

function fullText(): string {
  return `(CASE WHEN ${isSouth} THEN 'S' ELSE 'N' END || ${levels.map(levelText).join(' || ')})`;
}

/** The code a text would stand for; nonsense gives some code, whose own text then differs. */
function parsed(txt: string): string {
  const value = (at: number): string =>
    `greatest(strpos('${DIGITS}', substr(${txt}, ${at}, 1)) - 1, 0)::UBIGINT`;
  const placed = (expression: string, bits: number, shift: number): string =>
    `(((${expression}) & ${ubigint(ones(bits))}) << ${shift})`;
  const parts = [
    `(CASE WHEN ${txt}[1] = 'S' THEN ${ubigint(1n << BigInt(hemisphereShift))} ELSE 0::UBIGINT END)`,
    placed(
      `coalesce(TRY_CAST(substr(${txt}, 2, 2) AS UBIGINT), 0::UBIGINT)`,
      first.columnBits,
      first.columnShift,
    ),
    placed(`greatest(ascii(substr(${txt}, 4, 1)) - 65, 0)::UBIGINT`, first.rowBits, first.rowShift),
  ];
  for (const each of finerLevels) {
    const at = each.length - each.chars + 1;
    if (each.chars === 1) parts.push(placed(value(at), each.columnBits + each.rowBits, each.columnShift));
    else {
      parts.push(placed(value(at), each.columnBits, each.columnShift));
      parts.push(placed(value(at + 1), each.rowBits, each.rowShift));
    }
  }
  return parts.join(' | ');
}
