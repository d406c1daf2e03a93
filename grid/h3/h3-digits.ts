/**
 * H3 digits four resolutions at a time, by the arithmetic of the hexagonal lattice.
 *
 * A centre is a whole number a + b w of the lattice, w a third of a turn. One resolution finer multiplies by 2 - w (odd ones) or
 * 3 + w (even ones), both of norm 7, and adds the unit of the digit; two together multiply by 7, four by 49. So the four last digits
 * of an even resolution, and what is left of it, depend only on a and b modulo 49: 2,401 places, one look-up.
 *
 * Turning a whole number by sixths turns all of its digits alike: half a turn complements the three bits of every digit but 0, a
 * third of a turn moves them round.
 * @source https://h3geo.org/docs/core-library/h3Indexing
 */

/** a and b of the unit of each digit 0..6 (the bits of a digit are its i, j and k; k is -1 - w). */
export const UNIT_A: readonly number[] = [0, -1, 0, -1, 1, 0, 1];
export const UNIT_B: readonly number[] = [0, -1, 1, 0, 0, -1, 1];

/** What one look-up covers: four resolutions. */
export const CHUNK_RESOLUTIONS = 4;
/** Four resolutions scale by this. */
export const CHUNK_SCALE = 49;

/** By `(a mod 49) * 49 + (b mod 49)`: four digits, twelve bits, the finest lowest. */
export const CHUNK_DIGITS = new Uint16Array(CHUNK_SCALE * CHUNK_SCALE);
/** By the same: what the ancestor's a (bit 0) and b (bit 1) have above the floored quotient: nothing or one. */
export const CHUNK_CARRY = new Uint8Array(CHUNK_SCALE * CHUNK_SCALE);
/** By four digits: a and b of their sum of steps. `NO_STEPS` where one of them is 7. */
export const STEPS_A = new Int8Array(4096);
export const STEPS_B = new Int8Array(4096);
export const NO_STEPS = 127;

for (let digits = 0; digits < 4096; digits += 1) {
  let a = 0;
  let b = 0;
  let whole = true;
  for (let k = 3; k >= 0; k -= 1) {
    const digit = (digits >> (3 * k)) & 7;
    whole &&= digit < 7;
    [a, b] = k % 2 === 1 ? [2 * a + b, 3 * b - a] : [3 * a - b, a + 2 * b];
    a += UNIT_A[digit] ?? 0;
    b += UNIT_B[digit] ?? 0;
  }
  STEPS_A[digits] = whole ? a : NO_STEPS;
  STEPS_B[digits] = whole ? b : NO_STEPS;
  if (!whole) continue;
  const [restA, restB] = [modulo(a), modulo(b)];
  const at = restA * CHUNK_SCALE + restB;
  CHUNK_DIGITS[at] = digits;
  CHUNK_CARRY[at] = (restA - a) / CHUNK_SCALE + (2 * (restB - b)) / CHUNK_SCALE;
}

function modulo(n: number): number {
  return ((n % CHUNK_SCALE) + CHUNK_SCALE) % CHUNK_SCALE;
}

/** Turns eight packed digits (24 bits) by `sixths` (0..5) of a turn, counter-clockwise. Digit 7 must not be among them. */
export function turnDigits(digits: number, sixths: number): number {
  let out = digits;
  // Half a turn for the odd ones, so that thirds are left: 60 = 180 - 120, 180, 300 = 180 + 120.
  if ((sixths & 1) === 1) out ^= ((out | (out >> 1) | (out >> 2)) & 0o11111111) * 7;
  switch (sixths) {
    case 2:
    case 5:
      return ((out & 0o66666666) >> 1) | ((out & 0o11111111) << 2);
    case 1:
    case 4:
      return ((out & 0o33333333) << 1) | ((out & 0o44444444) >> 2);
    default:
      return out;
  }
}

/** First digit that is not 0 of sixteen packed in two words of eight, or 0. */
export function leadingDigit(coarse: number, fine: number): number {
  const word = coarse !== 0 ? coarse : fine;
  if (word === 0) return 0;
  const bit = 31 - Math.clz32(word);
  return (word >> (bit - (bit % 3))) & 7;
}
