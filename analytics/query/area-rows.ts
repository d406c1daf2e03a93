import type { ZoneRanges } from '../store/rows/rows-sql.ts';
import type { Area, ShapeArea } from './area.ts';
import { boundsOf, coverAt, splitCover } from './area-cover.ts';
import { type Path, shapeOf } from './geometry/paths.ts';
import type { Scope } from './scope.ts';
import type { AnswerProvenance } from './shapes.ts';

/** Finest BeiDou zones that are counted as a whole: 62 by 50 m, the finest that is kept as a rollup. */
const FINEST_WHOLE_LEVEL = 6;

/** A part of an area, as a question for parts has it: zones counted as a whole, or rows that are looked at one by one. */
export interface AreaPiece {
  readonly within?: ZoneRanges & { readonly level: number };
  readonly where?: readonly string[];
}

/**
 * The readings in an area: pieces that do not overlap and together hold each of them once. Zones wholly inside can come from rollups;
 * the rows of zones on the edge are tested one by one, at the 1.5 cm a position is kept at. Who may see only coarse zones
 * is answered for all zones of that level that the area touches: a finer question would tell finer places.
 *
 * @throws {QueryError} `too-large`, `area-invalid`.
 */
export function areaPieces(scope: Scope, area: Area): readonly AreaPiece[] {
  if (area.kind === 'zones') return [{ within: coverAt(area, area.dggrs, finestLevelOf(area)) }];
  const finest = scope.access.finestLevel;
  if (finest !== null) return [{ within: coverAt(area, 'beidou2d', scope.level('beidou2d', 10)) }];
  const split = splitCover(area, FINEST_WHOLE_LEVEL);
  const exact = [insideSql(area, 'beidou')];
  if (split === null) return [{ where: exact }];
  const { level, whole, edge } = split;
  return [
    ...(whole.ranges.length === 0 ? [] : [{ within: { ...whole, level } }]),
    ...(edge.ranges.length === 0 ? [] : [{ within: { ...edge, level }, where: exact }]),
  ];
}

function finestLevelOf(area: Extract<Area, { kind: 'zones' }>): number {
  return Math.max(...area.zones.map(({ level }) => level));
}

/**
 * SQL for "the position of this point-level BeiDou code lies in the shape": how many edges a line eastward crosses. The edges are a
 * table of their own, and the database asks it once for each position.
 */
export function insideSql({ geometry }: ShapeArea, column: string): string {
  const [west, , east] = boundsOf(geometry);
  const lat = `beidou_lat(${column})`;
  const plain = `beidou_lon(${column})`;
  // Beyond the antimeridian the shape's longitudes run on.
  const lon =
    west >= -180 && east <= 180 ? plain : `(${plain} - 360 * floor((${plain} - ${double(west)}) / 360))`;
  const polygons = shapeOf(geometry, (west + east) / 2).areas;
  const inside = polygons.map((rings) => {
    const edges = rings.flatMap(edgesOf).map((edge) => `(${edge.map(double).join(',')})`);
    return `(SELECT count(*) FROM (VALUES ${edges.join(',')}) edge(x0, y0, x1, y1)
      WHERE (y0 <= ${lat}) <> (y1 <= ${lat}) AND x0 + ((${lat} - y0) * (x1 - x0)) / (y1 - y0) > ${lon}) % 2 = 1`;
  });
  return `(${inside.join(' OR ')})`;
}

function edgesOf(ring: Path): readonly (readonly number[])[] {
  const edges: (readonly number[])[] = [];
  for (let n = 2; n < ring.length; n += 2) {
    // A level edge is crossed by no level line.
    if (ring[n - 1] !== ring[n + 1]) edges.push([ring[n - 2]!, ring[n - 1]!, ring[n]!, ring[n + 1]!]);
  }
  return edges.length === 0 ? [[0, 0, 0, 0]] : edges;
}

function double(value: number): string {
  return `${value}::DOUBLE`;
}

/** From where several pieces of one answer came, as one word. */
export function answeredFromAll(
  from: readonly AnswerProvenance['answeredFrom'][],
): AnswerProvenance['answeredFrom'] {
  const rollup = from.some((one) => one === 'rollup' || one === 'rollup+raw');
  const raw = from.some((one) => one === 'raw' || one === 'rollup+raw');
  return rollup && raw ? 'rollup+raw' : rollup ? 'rollup' : 'raw';
}
