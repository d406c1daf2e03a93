/** Flat-earth geometry for a city drawn by hand: good to a metre over some kilometres. Points are `[lon, lat]`, WGS 84. */
export type LonLat = readonly [number, number];

const M_PER_DEG = 111_320;

/** The point `eastM` and `northM` metres away. */
export function offset([lon, lat]: LonLat, eastM: number, northM: number): LonLat {
  return [
    round6(lon + eastM / (M_PER_DEG * Math.cos((lat * Math.PI) / 180))),
    round6(lat + northM / M_PER_DEG),
  ];
}

/** Distance between two points, metres. */
export function distanceM([lonA, latA]: LonLat, [lonB, latB]: LonLat): number {
  const east = (lonB - lonA) * M_PER_DEG * Math.cos((((latA + latB) / 2) * Math.PI) / 180);
  return Math.hypot(east, (latB - latA) * M_PER_DEG);
}

/** Direction from one point to another, degrees clockwise from true north, in [0, 360). */
export function bearingDeg([lonA, latA]: LonLat, [lonB, latB]: LonLat): number {
  const east = (lonB - lonA) * Math.cos((((latA + latB) / 2) * Math.PI) / 180);
  const degrees = (Math.atan2(east, latB - latA) * 180) / Math.PI;
  return degrees < 0 ? degrees + 360 : degrees;
}

/** A line with the metres from its start to each of its points. */
export interface Path {
  readonly points: readonly LonLat[];
  readonly metres: readonly number[];
  readonly lengthM: number;
}

/** Measures a line of at least two points. */
export function path(points: readonly LonLat[]): Path {
  const metres = [0];
  for (let index = 1; index < points.length; index += 1) {
    metres.push(metres[index - 1]! + distanceM(points[index - 1]!, points[index]!));
  }
  return { points, metres, lengthM: metres.at(-1)! };
}

/** Where on the path a distance from its start is, and which way the path runs there. */
export function along(line: Path, metres: number): { readonly at: LonLat; readonly bearingDeg: number } {
  let leg = 1;
  while (leg < line.points.length - 1 && line.metres[leg]! < metres) leg += 1;
  const from = line.points[leg - 1]!;
  const to = line.points[leg]!;
  const legM = line.metres[leg]! - line.metres[leg - 1]!;
  const share = legM === 0 ? 0 : Math.min(1, Math.max(0, (metres - line.metres[leg - 1]!) / legM));
  return {
    at: [round6(from[0] + (to[0] - from[0]) * share), round6(from[1] + (to[1] - from[1]) * share)],
    bearingDeg: bearingDeg(from, to),
  };
}

/** Six decimals of a degree are a decimetre: what a receiver reports. */
export function round6(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
