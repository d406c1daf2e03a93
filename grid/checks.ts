/** Checks every codec makes before it reads its arguments. */
import type { CoverMode } from './codec.ts';
import { GridError } from './errors.ts';

/**
 * Refuses what is no position on the globe. Both codecs take CGCS2000 / WGS 84 degrees.
 * @throws {GridError} `position-invalid` for NaN, infinities, |lon| > 180 and |lat| > 90, and what is no number at all.
 */
export function checkPosition(lonDeg: number, latDeg: number): void {
  // Written so that NaN fails both comparisons; null and "" from plain JavaScript would pass them as 0.
  if (!(typeof lonDeg === 'number' && lonDeg >= -180 && lonDeg <= 180)) {
    throw new GridError('position-invalid', `Cannot encode longitude ${lonDeg}: must be -180..180 degrees`);
  }
  if (!(typeof latDeg === 'number' && latDeg >= -90 && latDeg <= 90)) {
    throw new GridError('position-invalid', `Cannot encode latitude ${latDeg}: must be -90..90 degrees`);
  }
}

/** @throws {GridError} `level-out-of-range` unless `level` is a whole number in `min..max`. */
export function checkLevel(grid: string, level: number, min: number, max: number): void {
  if (!Number.isInteger(level) || level < min || level > max) {
    throw new GridError(
      'level-out-of-range',
      `Cannot use level ${level} of ${grid}: level must be a whole number ${min}..${max}`,
    );
  }
}

/** @throws {GridError} `zone-invalid` for what is no text at all: callers in plain JavaScript pass on what they were sent. */
export function checkText(text: string): void {
  if (typeof text !== 'string') {
    throw new GridError('zone-invalid', `Cannot parse a code of type ${typeof text}: must be a text`);
  }
}

/** @throws {GridError} `shape-mismatch` unless the three arrays of a batch have one length. */
export function checkShapes(lonCount: number, latCount: number, outCount: number): void {
  if (lonCount !== latCount || outCount !== lonCount) {
    throw new GridError(
      'shape-mismatch',
      `Cannot encode a batch of ${lonCount} longitudes, ${latCount} latitudes into ${outCount} ids: lengths must be equal`,
    );
  }
}

const MODES: readonly CoverMode[] = ['intersects', 'within', 'centre'];

/**
 * What every cover checks before it looks at the geometry.
 * @throws {GridError} `mode-unknown`; `too-many-zones` for a bound that is no number: every comparison with NaN would let the cover pass.
 */
export function checkCover(maxZones: number, mode: CoverMode): void {
  if (!MODES.includes(mode)) {
    throw new GridError('mode-unknown', `Cannot cover by "${mode}": mode must be ${MODES.join(', ')}`);
  }
  if (!(maxZones >= 0)) {
    throw new GridError('too-many-zones', `Cannot list at most ${maxZones} zones: must be a number >= 0`);
  }
}

/** @throws {GridError} `too-many-zones` naming the count, or the estimate of it, and the bound. */
export function tooManyZones(what: string, count: number, bound: number, estimated: boolean): GridError {
  const size = estimated ? `about ${Number(count.toPrecision(2))}` : `${count}`;
  return new GridError('too-many-zones', `Cannot list zones of ${what}: ${size} zones, at most ${bound}`);
}
