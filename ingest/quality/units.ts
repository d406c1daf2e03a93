/**
 * UCUM units that sources may declare, and the exact way from one to another. A unit that is not in the table, or that
 * measures something else, is refused when it is declared and never met while decoding.
 *
 * @source UCUM 2.1; factors: SI brochure 9, NIST SP 811 (2008) appendix B.
 */

/** `base = (value + shift) * mul / div`. Whole numbers where they exist, so that 300 ug/m3 is exactly 0.3 mg/m3. */
interface Unit {
  readonly dimension: string;
  readonly mul: number;
  readonly div: number;
  readonly shift: number;
}

const unit = (dimension: string, mul: number, div = 1, shift = 0): Unit => ({ dimension, mul, div, shift });

const UNITS: ReadonlyMap<string, Unit> = new Map([
  ['ug/m3', unit('mass-concentration', 1)],
  ['mg/m3', unit('mass-concentration', 1000)],
  ['g/m3', unit('mass-concentration', 1_000_000)],
  ['ng/m3', unit('mass-concentration', 1, 1000)],
  ['Cel', unit('temperature', 1)],
  ['K', unit('temperature', 1, 1, -273.15)],
  ['[degF]', unit('temperature', 5, 9, -32)],
  ['Pa', unit('pressure', 1)],
  ['hPa', unit('pressure', 100)],
  ['mbar', unit('pressure', 100)],
  ['kPa', unit('pressure', 1000)],
  ['bar', unit('pressure', 100_000)],
  ['mm[Hg]', unit('pressure', 133_322.387_415, 1000)],
  ["[in_i'Hg]", unit('pressure', 3386.388_640_341)],
  ['m/s', unit('speed', 1)],
  ['km/h', unit('speed', 5, 18)],
  ['[mi_i]/h', unit('speed', 44_704, 100_000)],
  ['[kn_i]', unit('speed', 1852, 3600)],
  ['m', unit('length', 1)],
  ['km', unit('length', 1000)],
  ['cm', unit('length', 1, 100)],
  ['mm', unit('length', 1, 1000)],
  ['[ft_i]', unit('length', 3048, 10_000)],
  ['[in_i]', unit('length', 254, 10_000)],
  ['m3/s', unit('flow', 1)],
  ['m3/h', unit('flow', 1, 3600)],
  ['L/s', unit('flow', 1, 1000)],
  ['[cft_i]/s', unit('flow', 28_316_846_592, 1_000_000_000_000)],
  ['W', unit('power', 1)],
  ['kW', unit('power', 1000)],
  ['mW', unit('power', 1, 1000)],
  ['deg', unit('angle', 1)],
  ['rad', unit('angle', 180 / Math.PI)],
  ['1', unit('number', 1)],
  ['%', unit('number', 1, 100)],
  ['dB[SPL]', unit('sound-level', 1)],
]);

/** From a declared unit to a canonical one: `canonical = (value + shift) * mul / div + end`. */
export interface UnitConversion {
  readonly mul: number;
  readonly div: number;
  readonly shift: number;
  readonly end: number;
}

export const SAME_UNIT: UnitConversion = { mul: 1, div: 1, shift: 0, end: 0 };

/** Annotations in braces, such as `{vehicle}`, carry no dimension (UCUM 12.3). */
function find(code: string): Unit | undefined {
  return /^\{[^{}]*\}$/.test(code) ? UNITS.get('1') : UNITS.get(code);
}

/**
 * The conversion from one UCUM unit to another.
 *
 * @returns Undefined when either unit is unknown or they measure different things: parts per million to ug/m3 needs a
 * molar mass and a temperature, so it is no unit conversion.
 */
export function unitConversion(from: string, to: string): UnitConversion | undefined {
  if (from === to) return find(from) === undefined ? undefined : SAME_UNIT;
  const a = find(from);
  const b = find(to);
  if (a === undefined || b === undefined || a.dimension !== b.dimension) return undefined;
  // Cancelled to lowest terms, so that equal factors drop out and whole ratios divide once.
  const [mul, div] = lowestTerms(a.mul * b.div, a.div * b.mul);
  return { mul, div, shift: a.shift, end: b.shift === 0 ? 0 : -b.shift };
}

/** Applies a conversion. A finite value gives a finite one within the ranges of any real unit. */
export function convert(value: number, by: UnitConversion): number {
  return by === SAME_UNIT ? value : ((value + by.shift) * by.mul) / by.div + by.end;
}

function lowestTerms(mul: number, div: number): readonly [number, number] {
  if (!Number.isSafeInteger(mul) || !Number.isSafeInteger(div)) return [mul, div];
  let a = mul;
  let b = div;
  while (b !== 0) [a, b] = [b, a % b];
  return [mul / a, div / a];
}
