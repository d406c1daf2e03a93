/**
 * The offset datums of Chinese web maps, back to CGCS2000. The forward formulas are the ones every open implementation
 * uses; the way back is iterated until it repeats to 1e-9 degrees (0.1 mm).
 */
import type { Datum } from '../model/index.ts';

const A = 6_378_245;
const E2 = 0.006_693_421_622_965_943;
const BD_TURN = (Math.PI * 3000) / 180;

/** Degrees in `datum` to CGCS2000 degrees. WGS 84 agrees with it to centimetres and is passed on; GCJ-02 applies in China only. */
export function toCgcs2000(lonDeg: number, latDeg: number, datum: Datum): readonly [number, number] {
  if (datum === 'wgs84' || datum === 'cgcs2000') return [lonDeg, latDeg];
  const [lon, lat] = datum === 'bd09' ? bd09ToGcj02(lonDeg, latDeg) : [lonDeg, latDeg];
  return outsideChina(lon, lat) ? [lon, lat] : gcj02ToWgs84(lon, lat);
}

function bd09ToGcj02(lonDeg: number, latDeg: number): readonly [number, number] {
  const x = lonDeg - 0.0065;
  const y = latDeg - 0.006;
  const z = Math.hypot(x, y) - 0.00002 * Math.sin(y * BD_TURN);
  const theta = Math.atan2(y, x) - 0.000003 * Math.cos(x * BD_TURN);
  return [z * Math.cos(theta), z * Math.sin(theta)];
}

function gcj02ToWgs84(lonDeg: number, latDeg: number): readonly [number, number] {
  let [lon, lat] = [lonDeg, latDeg];
  for (let i = 0; i < 10; i++) {
    const [dLon, dLat] = gcj02Offset(lon, lat);
    const errorLon = lon + dLon - lonDeg;
    const errorLat = lat + dLat - latDeg;
    lon -= errorLon;
    lat -= errorLat;
    if (Math.abs(errorLon) < 1e-9 && Math.abs(errorLat) < 1e-9) break;
  }
  return [lon, lat];
}

/** The box outside which GCJ-02 leaves positions alone. */
function outsideChina(lon: number, lat: number): boolean {
  return lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271;
}

function gcj02Offset(lon: number, lat: number): readonly [number, number] {
  const x = lon - 105;
  const y = lat - 35;
  const sin = (turns: number) => Math.sin(turns * Math.PI);
  const common = (20 * sin(6 * x) + 20 * sin(2 * x)) * (2 / 3);
  const waves = (v: number, long: number, longer: number, turn: number) =>
    (20 * sin(v) + 40 * sin(v / 3) + long * sin(v / 12) + longer * sin(v / turn)) * (2 / 3);
  const dy =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * Math.sqrt(Math.abs(x)) +
    common +
    waves(y, 160, 320, 30);
  const dx =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * Math.sqrt(Math.abs(x)) +
    common +
    waves(x, 150, 300, 30);
  const rad = (lat * Math.PI) / 180;
  const magic = 1 - E2 * Math.sin(rad) ** 2;
  const root = Math.sqrt(magic);
  return [
    (dx * 180) / ((A / root) * Math.cos(rad) * Math.PI),
    (dy * 180) / (((A * (1 - E2)) / (magic * root)) * Math.PI),
  ];
}
