/** The slow judge of solids: earth-centred coordinates, dense sampling, none of the product's own shortcuts. Not part of the product. */

/** Metres from the middle of the earth. */
export type Ecef = readonly [number, number, number];

const A = 6_378_137;
const F = 1 / 298.257222101;
const EE = F * (2 - F);

export function ecef(lonDeg: number, latDeg: number, heightM: number): Ecef {
  const [lon, lat] = [(lonDeg * Math.PI) / 180, (latDeg * Math.PI) / 180];
  const n = A / Math.sqrt(1 - EE * Math.sin(lat) ** 2);
  return [
    (n + heightM) * Math.cos(lat) * Math.cos(lon),
    (n + heightM) * Math.cos(lat) * Math.sin(lon),
    (n * (1 - EE) + heightM) * Math.sin(lat),
  ];
}

/** Longitude, latitude, height of a place, by fixed-point steps. */
export function geodetic([x, y, z]: Ecef): readonly [number, number, number] {
  const p = Math.hypot(x, y);
  let lat = Math.atan2(z, p * (1 - EE));
  let height = 0;
  for (let k = 0; k < 20; k += 1) {
    const n = A / Math.sqrt(1 - EE * Math.sin(lat) ** 2);
    height = p * Math.cos(lat) + z * Math.sin(lat) - A * Math.sqrt(1 - EE * Math.sin(lat) ** 2);
    lat = Math.atan2(z, p * (1 - (EE * n) / (n + height)));
  }
  return [(Math.atan2(y, x) * 180) / Math.PI, (lat * 180) / Math.PI, height];
}

export function distanceM(a: Ecef, b: Ecef): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

type Position = readonly [number, number, number];

/** Positions on a line, `steps` to a segment, straight in longitude, latitude and height. */
export function alongLine(line: readonly Position[], steps: number): readonly Position[] {
  const found: Position[] = [line[0]!];
  for (let n = 1; n < line.length; n += 1) {
    for (let k = 1; k <= steps; k += 1) {
      const at = (axis: 0 | 1 | 2): number =>
        line[n - 1]![axis] + (k / steps) * (line[n]![axis] - line[n - 1]![axis]);
      found.push(k === steps ? line[n]! : [at(0), at(1), at(2)]);
    }
  }
  return found;
}

/** Least distance from a line (given densely) to a box, whose nearest position is taken axis by axis. */
export function distanceToBox(
  dense: readonly Position[],
  [west, south, floorM, east, north, topM]: readonly [number, number, number, number, number, number],
): number {
  const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
  let least = Number.POSITIVE_INFINITY;
  for (const [lon, lat, height] of dense) {
    const near = ecef(clamp(lon, west, east), clamp(lat, south, north), clamp(height, floorM, topM));
    least = Math.min(least, distanceM(ecef(lon, lat, height), near));
  }
  return least;
}

/** Greatest distance from any corner of a box to a line (given densely). */
export function farthestCorner(
  dense: readonly Position[],
  [west, south, floorM, east, north, topM]: readonly [number, number, number, number, number, number],
): number {
  const points = dense.map((position) => ecef(...position));
  let most = 0;
  for (const lon of [west, east])
    for (const lat of [south, north])
      for (const height of [floorM, topM]) {
        const corner = ecef(lon, lat, height);
        most = Math.max(
          most,
          points.reduce((least, point) => Math.min(least, distanceM(point, corner)), 1e9),
        );
      }
  return most;
}
