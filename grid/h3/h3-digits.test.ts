import { describe, expect, it } from 'vitest';
import {
  CHUNK_CARRY,
  CHUNK_DIGITS,
  leadingDigit,
  NO_STEPS,
  STEPS_A,
  STEPS_B,
  turnDigits,
  UNIT_A,
  UNIT_B,
} from './h3-digits.ts';

/** Sixths of a turn of each digit's unit. */
const SIXTHS = [0, 4, 2, 3, 0, 5, 1];

/** One resolution up, the slow way: the only parent whose child by some digit this is. */
function parentOf(a: number, b: number, odd: boolean): readonly [a: number, b: number, digit: number] {
  for (let digit = 0; digit < 7; digit += 1) {
    const [x, y] = [a - UNIT_A[digit]!, b - UNIT_B[digit]!];
    // Divided by 2 - w or 3 + w: times the other one, over 7.
    const [p, q] = odd ? [3 * x - y, x + 2 * y] : [2 * x + y, 3 * y - x];
    if (p % 7 === 0 && q % 7 === 0) return [p / 7, q / 7, digit];
  }
  throw new Error('No digit leads there');
}

describe('CHUNK_DIGITS and CHUNK_CARRY', () => {
  it('equal four single steps, for every place modulo 49', () => {
    for (let restA = 0; restA < 49; restA += 1) {
      for (let restB = 0; restB < 49; restB += 1) {
        let [a, b, digits] = [restA + 49 * 11, restB + 49 * 5, 0];
        for (let k = 0; k < 4; k += 1) {
          const [nextA, nextB, digit] = parentOf(a, b, k % 2 === 1);
          [a, b, digits] = [nextA, nextB, digits | (digit << (3 * k))];
        }
        const carry = CHUNK_CARRY[restA * 49 + restB]!;
        expect([11 + (carry & 1), 5 + (carry >> 1), CHUNK_DIGITS[restA * 49 + restB]]).toEqual([
          a,
          b,
          digits,
        ]);
      }
    }
  });
});

describe('STEPS_A and STEPS_B', () => {
  it('lead back to the digits they are of; digit 7 has none', () => {
    for (let digits = 0; digits < 4096; digits += 1) {
      const seven = [0, 3, 6, 9].some((shift) => ((digits >> shift) & 7) === 7);
      expect(STEPS_A[digits] === NO_STEPS).toBe(seven);
      if (seven) continue;
      const rest = (n: number): number => ((n % 49) + 49) % 49;
      expect(CHUNK_DIGITS[rest(STEPS_A[digits]!) * 49 + rest(STEPS_B[digits]!)]).toBe(digits);
    }
  });
});

describe('turnDigits', () => {
  it('turns each of eight digits by itself, and leaves 0 alone', () => {
    const turnOne = (digit: number, sixths: number): number =>
      digit === 0 ? 0 : SIXTHS.indexOf((SIXTHS[digit]! + sixths) % 6, 1);
    for (let sixths = 0; sixths < 6; sixths += 1) {
      for (let seed = 0; seed < 500; seed += 1) {
        const digits = Array.from({ length: 8 }, (_, k) => (seed * (k + 3) * 31 + ((seed * k) >> 2)) % 7);
        const pack = (each: readonly number[]): number => each.reduce((word, digit) => word * 8 + digit, 0);
        expect(turnDigits(pack(digits), sixths)).toBe(pack(digits.map((digit) => turnOne(digit, sixths))));
      }
    }
  });
});

describe('leadingDigit', () => {
  it('finds the first digit that is not 0, in either word', () => {
    for (let place = 0; place < 16; place += 1) {
      for (let digit = 1; digit < 7; digit += 1) {
        const word = digit << (3 * (7 - (place % 8)));
        const below = (1 << (3 * (7 - (place % 8)))) - 1;
        expect(place < 8 ? leadingDigit(word | below, 5) : leadingDigit(0, word | below)).toBe(digit);
      }
    }
    expect(leadingDigit(0, 0)).toBe(0);
  });
});
