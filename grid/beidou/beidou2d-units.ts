/** Degrees and degree-minute-second values as whole units of 1/2048 arc-second. */

import { GridError } from '../errors.ts';
import { UNITS_PER_DEGREE } from './beidou2d-levels.ts';

/**
 * How near to a whole unit a double counts as that unit: 1e-5 unit, about 0.15 micrometre. Without it 4.1 % of doubles
 * that hold an exact level-10 edge, and 12.7 % of `d + m/60 + s/3600`, land one cell too low.
 */
export const SNAP_UNITS = 1e-5;

/**
 * Whole units at or below a magnitude in degrees, snapped to an edge that is nearer than `SNAP_UNITS`.
 * @param magnitudeDeg - |lon| or |lat|, >= 0.
 */
export function wholeUnits(magnitudeDeg: number): number {
  return snapDown(magnitudeDeg * UNITS_PER_DEGREE);
}

/** The same for a magnitude already in (fractional) units, >= 0. */
export function snapDown(units: number): number {
  const nearest = Math.round(units);
  return Math.abs(units - nearest) < SNAP_UNITS ? nearest : Math.floor(units);
}

/** An exact fraction of whole numbers, both safe integers, denominator > 0. */
export interface Rational {
  readonly numerator: number;
  readonly denominator: number;
}

/** A longitude or latitude as written on a map. The hemisphere carries the sign, so 0 degrees W stays west. */
export interface Dms {
  readonly hemisphere: 'E' | 'W' | 'N' | 'S';
  /** Whole degrees >= 0. */
  readonly degrees: number;
  /** Whole minutes 0..59. */
  readonly minutes: number;
  /** Seconds in [0, 60): a multiple of 1/2048, or any exact fraction. */
  readonly seconds: number | Rational;
}

/**
 * Exact whole units of a degree-minute-second magnitude (the cell it lies in; no rounding anywhere).
 * @returns Units >= 0; a fraction of a unit is cut off, exactly.
 * @throws {GridError} `position-invalid` for parts out of range, or seconds that are no multiple of 1/2048 and no fraction.
 */
export function unitsOfDms(dms: Dms): number {
  const limit = dms.hemisphere === 'E' || dms.hemisphere === 'W' ? 180 : 90;
  const whole = (value: number, max: number, name: string): number => {
    if (!Number.isInteger(value) || value < 0 || value > max) {
      throw new GridError(
        'position-invalid',
        `Cannot read ${name} ${value}: must be a whole number 0..${max}`,
      );
    }
    return value;
  };
  const base =
    whole(dms.degrees, limit, 'degrees') * UNITS_PER_DEGREE + whole(dms.minutes, 59, 'minutes') * 122_880;
  const { units: seconds, exact } = unitsOfSeconds(dms.seconds);
  const limitUnits = limit * UNITS_PER_DEGREE;
  if (base + seconds > limitUnits || (base + seconds === limitUnits && !exact)) {
    throw new GridError('position-invalid', `Cannot read ${dms.degrees} degrees: must be at most ${limit}`);
  }
  return base + seconds;
}

function unitsOfSeconds(seconds: number | Rational): { units: number; exact: boolean } {
  if (typeof seconds === 'number') {
    const units = seconds * 2048; // exact: a power of two
    if (!Number.isInteger(units) || units < 0 || units >= 122_880) {
      throw new GridError(
        'position-invalid',
        `Cannot read seconds ${seconds}: must be a multiple of 1/2048 in 0..60, else give a fraction`,
      );
    }
    return { units, exact: true };
  }
  const { numerator, denominator } = seconds ?? { numerator: Number.NaN, denominator: 1 };
  if (!Number.isSafeInteger(numerator) || !Number.isSafeInteger(denominator) || denominator <= 0) {
    throw new GridError(
      'position-invalid',
      `Cannot read seconds ${numerator}/${denominator}: must be whole numbers`,
    );
  }
  const scaled = BigInt(numerator) * 2048n;
  const units = Number(scaled / BigInt(denominator));
  if (numerator < 0 || units >= 122_880) {
    throw new GridError(
      'position-invalid',
      `Cannot read seconds ${numerator}/${denominator}: must be in 0..60`,
    );
  }
  return { units, exact: scaled % BigInt(denominator) === 0n };
}
