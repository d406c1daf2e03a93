/** Centres of a batch of BeiDou 2D zones from the two words of each id: no bigint, no object a zone. */
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import { LEVEL_MASKS, unpackCell } from './beidou2d-cell.ts';
import { beidouLevel, POLAR_MAX_LEVEL, UNITS_PER_DEGREE } from './beidou2d-levels.ts';

/**
 * Writes the centres of zones of one level; NaN twice for what is no zone of it.
 * @param polarCentre - Centre of a zone of a polar cap, which the words alone do not give.
 */
export function decodeCentres(
  zones: BigUint64Array,
  level: number,
  lonDeg: Float64Array,
  latDeg: Float64Array,
  polarCentre: (zone: bigint, level: number) => readonly [number, number],
): void {
  const words = wordsOf(zones);
  const [highMask, lowMask] = LEVEL_MASKS[level]!;
  const { lonUnits, latUnits } = beidouLevel(level);
  const halfLon = lonUnits / 2;
  const halfLat = latUnits / 2;
  for (let n = 0; n < zones.length; n += 1) {
    const high = words[2 * n + HIGH_WORD]!;
    const low = words[2 * n + 1 - HIGH_WORD]!;
    const zone = (high >>> 25) & 63;
    const row1 = (high >>> 20) & 31;
    const column2 = (high >>> 16) & 15;
    const digit3 = (high >>> 10) & 7;
    const column4 = (high >>> 6) & 15;
    const row4 = (high >>> 2) & 15;
    const column5 = ((high & 3) << 2) | (low >>> 30);
    const row5 = (low >>> 26) & 15;
    const isZone =
      zone <= 60 &&
      row1 <= 21 &&
      column2 < 12 &&
      digit3 < 6 &&
      column4 < 15 &&
      row4 < 10 &&
      column5 < 15 &&
      row5 < 15 &&
      (high & ~highMask) === 0 &&
      (low & ~lowMask) === 0;
    if (!isZone) {
      lonDeg[n] = Number.NaN;
      latDeg[n] = Number.NaN;
      continue;
    }
    if (zone === 0) {
      const centre = polarOrNaN(zones[n]!, level, polarCentre);
      lonDeg[n] = centre[0];
      latDeg[n] = centre[1];
      continue;
    }
    const west = zone <= 30;
    // Bits 24..0 of the low word below level 5, those of columns and rows taken apart: at most 8,191 each.
    const x5 =
      (((low >>> 24) & 1) << 12) |
      (((low >>> 21) & 7) << 9) |
      (((low >>> 15) & 7) << 6) |
      (((low >>> 9) & 7) << 3) |
      ((low >>> 3) & 7);
    const y5 =
      (((low >>> 25) & 1) << 12) |
      (((low >>> 18) & 7) << 9) |
      (((low >>> 12) & 7) << 6) |
      (((low >>> 6) & 7) << 3) |
      (low & 7);
    const x =
      (west ? 30 - zone : zone - 31) * 44_236_800 +
      column2 * 3_686_400 +
      (digit3 & 1) * 1_843_200 +
      column4 * 122_880 +
      column5 * 8_192 +
      x5;
    const y =
      row1 * 29_491_200 +
      ((high >>> 13) & 7) * 3_686_400 +
      (digit3 >> 1) * 1_228_800 +
      row4 * 122_880 +
      row5 * 8_192 +
      y5;
    const lon = (x + halfLon) / UNITS_PER_DEGREE;
    const lat = (y + halfLat) / UNITS_PER_DEGREE;
    lonDeg[n] = west ? -lon : lon;
    latDeg[n] = high >>> 31 === 1 ? -lat : lat;
  }
}

/** Polar zones are few: at most the last two degrees of latitude. */
function polarOrNaN(
  zone: bigint,
  level: number,
  polarCentre: (zone: bigint, level: number) => readonly [number, number],
): readonly [number, number] {
  if (level > POLAR_MAX_LEVEL) return [Number.NaN, Number.NaN];
  try {
    unpackCell(zone, level);
  } catch {
    return [Number.NaN, Number.NaN];
  }
  return polarCentre(zone, level);
}
