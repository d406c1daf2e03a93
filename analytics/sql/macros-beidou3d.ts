/** Macros of BeiDou layers and 3D texts, generated from the same tables as the codec's. */
import { BEIDOU_ID_LAYOUT, type HeightCoding, layerFloorM } from '../../grid/index.ts';
import { NO_ZONE } from '../../ingest/model/index.ts';
import { field, type Macro, once, pick, ubigint } from './macro-text.ts';
import { levelText } from './macros-beidou.ts';

const { levels, unitsPerDegree, layerLimit, layerThickness, layerRadices, hemisphereShift } =
  BEIDOU_ID_LAYOUT;
const first = levels[0]!;
/** Metres a layer rises by for a unit of ln(1 + H / r0): the floor one degree of layers up is r0 x pi / 180. */
const R0_M = (layerFloorM(unitsPerDegree) * 180) / Math.PI;
const LN_STEP = Math.log1p(Math.PI / 180);
const SUFFIX: Readonly<Record<HeightCoding, string>> = { annexC: '', clause6: '_clause6' };
const HEX = '0123456789ABCDEF';

export const BEIDOU3D_MACROS: readonly Macro[] = [
  {
    call: 'beidou_layer_floor(layer)',
    gives: 'Floor of a level-10 layer, metres above the ellipsoid.',
    body: floor('layer'),
  },
  {
    call: 'beidou_layer(height)',
    gives:
      'Level-10 layer of a height in metres above the ellipsoid; NULL outside the range of the standard.',
    body: layerOf(),
  },
  ...(['annexC', 'clause6'] as const).flatMap((coding): readonly Macro[] => [
    {
      call: `beidou_layer_parent${SUFFIX[coding]}(layer, level)`,
      gives: `Floor layer of the level's layer that holds a level-10 layer (\`${coding}\`).`,
      body: `(floor(layer::DOUBLE / ${pick([null, ...layerThickness[coding].slice(1)])}) * ${pick([null, ...layerThickness[coding].slice(1)])})::INTEGER`,
    },
    {
      call: `beidou3d_text${SUFFIX[coding]}(code, layer, level)`,
      gives: `3D text of a code and its floor layer (\`${coding}\`); NULL for \`NO_ZONE\` and polar caps.`,
      body: solidText(coding),
    },
  ]),
];

/** expm1 by functions DuckDB has: 2 exp(z / 2) sinh(z / 2) loses nothing near the ground. */
function floor(layer: string): string {
  const half = `(${layer} * ${LN_STEP / unitsPerDegree / 2}::DOUBLE)`;
  return `(${2 * R0_M}::DOUBLE * exp(${half}) * sinh(${half}))`;
}

/** log1p as 2 atanh(u / (2 + u)); a height within rounding below a floor is that floor. */
function layerOf(): string {
  const ratio = `(height::DOUBLE / ${R0_M}::DOUBLE)`;
  const exact = `(${(2 * unitsPerDegree) / LN_STEP}::DOUBLE * atanh(${ratio} / (2 + ${ratio})))`;
  const snap = `(${R0_M * 2 ** -50}::DOUBLE + abs(height::DOUBLE) * ${2 ** -48}::DOUBLE)`;
  const settled = `CASE WHEN height::DOUBLE >= ${floor('round(exact)')} - ${snap} THEN round(exact) ELSE round(exact) - 1 END`;
  const layer = `CASE WHEN abs(exact - round(exact)) < 1e-3 THEN ${settled} ELSE floor(exact) END`;
  // The layers' range, and a little more for the floor of the first, before atanh could refuse.
  const inRange = `height::DOUBLE BETWEEN ${layerFloorM(-layerLimit) - 1} AND ${layerFloorM(layerLimit) + 1}`;
  const checked = once(
    'found',
    layer,
    `CASE WHEN found >= ${-layerLimit} AND found < ${layerLimit} THEN found::INTEGER END`,
  );
  return `CASE WHEN ${inRange} THEN ${once('exact', `CASE WHEN ${inRange} THEN ${exact} END`, checked)} END`;
}

function solidText(coding: HeightCoding): string {
  // Two's complement of 31 bits, or counted from the lowest layer.
  const offset = coding === 'annexC' ? 2 ** 31 : layerLimit;
  const rest = `(layer::BIGINT + CASE WHEN layer < 0 THEN ${offset} ELSE 0 END)`;
  const parts = levels.map((each) => {
    const digit = `(${rest} // ${layerThickness[coding][each.level]}) % ${layerRadices[coding][each.level]}`;
    const height =
      each.level === 1 ? `lpad((${digit})::VARCHAR, 2, '0')` : `substr('${HEX}', (${digit})::INTEGER + 1, 1)`;
    return `${levelText(each)} || ${height}`;
  });
  const south = `CASE WHEN (code >> ${hemisphereShift}) = 1 THEN 'S' ELSE 'N' END`;
  const text = `(${south} || CASE WHEN layer < 0 THEN '1' ELSE '0' END || ${parts.join(' || ')})`;
  const length = pick([null, ...levels.map(({ solidLength }) => solidLength)]);
  const isPolar = `${field('code', first.columnShift, first.columnBits)} = 0`;
  return `CASE WHEN code = ${ubigint(NO_ZONE)} OR ${isPolar} THEN NULL ELSE left(${text}, ${length}) END`;
}
