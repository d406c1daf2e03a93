/**
 * Randomness without state: every draw is a function of its key, so that the city at an instant does not depend on how
 * often, or in what order, it was looked at.
 */

/** FNV-1a over UTF-16 code units: a 32-bit key of a text. */
export function textKey(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** Mixes integers (also beyond 32 bits, such as epoch milliseconds) into one unsigned 32-bit number. */
export function mix(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = finish(hash ^ (part | 0));
    hash = finish(hash ^ Math.floor(part / 0x1_0000_0000));
  }
  return hash >>> 0;
}

/** The finaliser of MurmurHash3: every input bit reaches every output bit. */
function finish(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) + 0x6d2b79f5;
}

/** A number in [0, 1), uniform over keys. */
export function unit(...parts: readonly number[]): number {
  return mix(...parts) / 0x1_0000_0000;
}

/** A number in [low, high). */
export function between(low: number, high: number, ...parts: readonly number[]): number {
  return low + (high - low) * unit(...parts);
}

/** Standard normal draw, cut at 3 so that no sensor is ever absurdly far from the others. */
export function normal(...parts: readonly number[]): number {
  const radius = Math.sqrt(-2 * Math.log(1 - unit(...parts, 1)));
  const value = radius * Math.cos(2 * Math.PI * unit(...parts, 2));
  return Math.min(3, Math.max(-3, value));
}

/** One of a non-empty list. */
export function pick<T>(list: readonly T[], ...parts: readonly number[]): T {
  return list[mix(...parts) % list.length]!;
}

/** Smooth noise in [-1, 1]: hashed knots every `knotMs`, joined by a cubic, so neighbouring instants have near values. */
export function drift(key: number, instant: number, knotMs: number): number {
  const knot = Math.floor(instant / knotMs);
  const share = instant / knotMs - knot;
  const from = unit(key, knot) * 2 - 1;
  const to = unit(key, knot + 1) * 2 - 1;
  return from + (to - from) * share * share * (3 - 2 * share);
}

/** An integer whose mean over keys is `mean`: the fraction decides by chance. */
export function wholeNumber(mean: number, ...parts: readonly number[]): number {
  return Math.floor(mean + unit(...parts));
}

/** Value held inside [low, high]. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Rounds to a number of decimals, as an instrument's display does. */
export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
