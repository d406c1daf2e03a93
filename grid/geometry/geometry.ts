/** GeoJSON geometry as the grid reads it (RFC 7946), CGCS2000 degrees, `[lon, lat]`; what follows in a position (a height) is not read. */
export type GridGeometry =
  | { readonly type: 'Point'; readonly coordinates: readonly number[] }
  | { readonly type: 'MultiPoint'; readonly coordinates: readonly (readonly number[])[] }
  | { readonly type: 'LineString'; readonly coordinates: readonly (readonly number[])[] }
  | { readonly type: 'MultiLineString'; readonly coordinates: readonly (readonly (readonly number[])[])[] }
  | { readonly type: 'Polygon'; readonly coordinates: readonly (readonly (readonly number[])[])[] }
  | {
      readonly type: 'MultiPolygon';
      readonly coordinates: readonly (readonly (readonly (readonly number[])[])[])[];
    }
  | { readonly type: 'GeometryCollection'; readonly geometries: readonly GridGeometry[] };

/** A box on the ellipsoid: degrees and metres of geodetic height; west > east across the antimeridian. */
export type GridBox = readonly [
  west: number,
  south: number,
  floorM: number,
  east: number,
  north: number,
  topM: number,
];
