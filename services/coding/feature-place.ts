/** Where a GeoJSON feature is: the position that is coded, and the geometry in the grids' datum for its cover. */
import { type GridGeometry, isGridError, positionToCgcs2000, representativePoint } from '../../grid/index.ts';
import type { Refusal } from './coding-error.ts';
import type { PositionReference } from './reference.ts';

export interface FeaturePlace {
  /** In CGCS2000 degrees; the representative position of what is no point. */
  readonly lonDeg: number;
  readonly latDeg: number;
  /** Third coordinate of a point, as it came. */
  readonly height: number | undefined;
  /** In CGCS2000 degrees. */
  readonly geometry: GridGeometry;
}

/** The place, or why the feature has none. */
export function featurePlace(geometry: unknown, reference: PositionReference): FeaturePlace | Refusal {
  if (typeof geometry !== 'object' || geometry === null)
    return { code: 'value-missing', message: 'The feature has no geometry' };
  try {
    const converted = convert(geometry as GridGeometry, reference);
    const point = representativePoint(converted);
    if (point === undefined) return { code: 'value-missing', message: 'The geometry is empty' };
    return {
      lonDeg: point[0],
      latDeg: point[1],
      height: heightOf(geometry as GridGeometry),
      geometry: converted,
    };
  } catch (error) {
    if (isGridError(error)) return { code: error.code, message: error.message };
    if (error instanceof TypeError || error instanceof RangeError)
      return { code: 'geometry-invalid', message: 'The geometry is not one of GeoJSON' };
    throw error;
  }
}

function heightOf(geometry: GridGeometry): number | undefined {
  if (geometry.type !== 'Point') return undefined;
  const height = geometry.coordinates[2];
  return typeof height === 'number' ? height : undefined;
}

function convert(geometry: GridGeometry, reference: PositionReference): GridGeometry {
  if (geometry.type === 'GeometryCollection')
    return { type: geometry.type, geometries: geometry.geometries.map((one) => convert(one, reference)) };
  return { type: geometry.type, coordinates: convertList(geometry.coordinates, reference) } as GridGeometry;
}

type Nested = readonly (number | Nested)[];

function convertList(list: Nested, reference: PositionReference): Nested {
  const [first, second] = list;
  if (typeof first === 'number' && typeof second === 'number')
    return positionToCgcs2000(reference.datum, first, second);
  return list.map((one) => {
    if (!Array.isArray(one)) throw new TypeError('no position');
    return convertList(one, reference);
  });
}
