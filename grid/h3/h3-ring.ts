/** Rings of H3 cells on the plane of longitude and latitude: continuous, closed, counter-clockwise; and their bounds. */

type LonLat = readonly [lonDeg: number, latDeg: number];

/**
 * The closed ring of a cell: longitudes run on across the antimeridian, about that of the centre. A ring round a pole is closed
 * along it, so that a planar reader fills the right side.
 */
export function planarRing(vertices: readonly LonLat[], centreLonDeg: number): readonly LonLat[] {
  const ring: LonLat[] = [];
  let lon = centreLonDeg + shortStep(vertices[0]![0] - centreLonDeg);
  // Where nothing wraps the vertex is kept to the last bit.
  if (Math.abs(lon - vertices[0]![0]) < 1) lon = vertices[0]![0];
  for (let n = 0; n <= vertices.length; n += 1) {
    const [nextLon, lat] = vertices[n % vertices.length]!;
    if (n > 0) lon += shortStep(nextLon - vertices[n - 1]![0]);
    ring.push([lon, lat]);
  }
  const [firstLon, firstLat] = ring[0]!;
  const turn = Math.round((ring[ring.length - 1]![0] - firstLon) / 360);
  if (turn === 0) {
    ring[ring.length - 1] = [firstLon, firstLat];
    return ring;
  }
  // Counter-clockwise seen from outside means eastward round the north pole and westward round the south pole.
  const pole = turn > 0 ? 90 : -90;
  // The band is moved to lie about the prime meridian, within -360..360.
  const shift = -360 * Math.round((firstLon + 180 * turn) / 360);
  const start = firstLon + shift;
  const end = start + 360 * turn;
  const band: LonLat[] = ring.slice(0, -1).map(([each, lat]) => [each + shift, lat]);
  band.push([end, firstLat], [end, pole], [start, pole], [start, firstLat]);
  return band;
}

/** [west, south, east, north] of a cell with great-circle edges; `west > east` across the antimeridian. */
export function boundsOfRing(vertices: readonly LonLat[]): readonly [number, number, number, number] {
  const ring = planarRing(vertices, vertices[0]![0]);
  let west = Number.POSITIVE_INFINITY;
  let east = Number.NEGATIVE_INFINITY;
  let south = 90;
  let north = -90;
  for (const [lon, lat] of ring) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  vertices.forEach((from, n) => {
    const apex = arcApexLat(from, vertices[(n + 1) % vertices.length]!);
    if (apex !== undefined) {
      south = Math.min(south, apex);
      north = Math.max(north, apex);
    }
  });
  if (east - west >= 360) return [-180, south, 180, north];
  return [wrap(west), south, wrap(east), north];
}

/** Latitude of the highest or lowest point of a great-circle arc when it lies between its ends, else undefined. */
function arcApexLat(a: LonLat, b: LonLat): number | undefined {
  const from = unit(a);
  const to = unit(b);
  const nx = from[1] * to[2] - from[2] * to[1];
  const ny = from[2] * to[0] - from[0] * to[2];
  const nz = from[0] * to[1] - from[1] * to[0];
  const flat = Math.hypot(nx, ny);
  const size = Math.hypot(flat, nz);
  if (flat === 0 || size === 0) return undefined;
  // Going along the arc latitude rises by the z part of the tangent (normal x position): an apex is where that changes sign.
  const rise = (p: readonly [number, number, number]): number => nx * p[1] - ny * p[0];
  const first = rise(from);
  const last = rise(to);
  if (first > 0 === last > 0) return undefined;
  const lat = (Math.acos(Math.min(1, Math.abs(nz) / size)) * 180) / Math.PI;
  return first > 0 ? lat : -lat;
}

function unit([lonDeg, latDeg]: LonLat): readonly [number, number, number] {
  const lon = (lonDeg * Math.PI) / 180;
  const lat = (latDeg * Math.PI) / 180;
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
}

function shortStep(step: number): number {
  return step - 360 * Math.round(step / 360);
}

function wrap(lonDeg: number): number {
  return lonDeg > 180 ? lonDeg - 360 : lonDeg < -180 ? lonDeg + 360 : lonDeg;
}
