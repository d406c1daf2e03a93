/**
 * The judge of the BeiDou tests: slow, plain and written apart from the codec, from the standard's tables. Positions are taken as the exact
 * fractions their doubles are; layers near a border are decided in whole-number arithmetic of 60 decimals. For tests only.
 */

const UNITS = 7_372_800n;
const bits = new DataView(new ArrayBuffer(8));

/** A double >= 0 as the exact fraction `top / 2^shift`. */
function exactly(value: number): { readonly top: bigint; readonly shift: bigint } {
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const exponent = Number((raw >> 52n) & 2047n);
  const mantissa = raw & ((1n << 52n) - 1n);
  const top = exponent === 0 ? mantissa : mantissa | (1n << 52n);
  const power = Math.max(exponent, 1) - 1075;
  return power >= 0 ? { top: top << BigInt(power), shift: 0n } : { top, shift: BigInt(-power) };
}

export interface JudgedUnits {
  readonly units: number;
  /** The position is so close to the limit of the snap (1e-5 unit) that a product of doubles may fall on either side. */
  readonly isUndecided: boolean;
}

/** Whole units at or below |degrees|; an edge at most 1e-5 unit above counts as reached. */
export function judgeUnits(degrees: number): JudgedUnits {
  const { top, shift } = exactly(Math.abs(degrees));
  const scaled = top * UNITS;
  const whole = scaled >> shift;
  const one = 1n << shift;
  const left = one - (scaled - (whole << shift));
  const snaps = left * 100_000n < one;
  // 3e-7 unit: more than one rounding of a product up to 1.4e9.
  const gap = left * 100_000n - one;
  const isUndecided = (gap < 0n ? -gap : gap) * 1_000n < one * 30n;
  return { units: Number(whole) + (snaps ? 1 : 0), isUndecided };
}

/** Width and height of the cells of levels 1..10 in seconds of arc, as the standard's table gives them. */
const SECONDS: readonly (readonly [number, number])[] = [
  [21_600, 14_400],
  [1_800, 1_800],
  [900, 600],
  [60, 60],
  [4, 4],
  [2, 2],
  [1 / 4, 1 / 4],
  [1 / 32, 1 / 32],
  [1 / 256, 1 / 256],
  [1 / 2048, 1 / 2048],
];

/** The digits each level adds to a 2D code (level 1: zone and row), or undefined where the standard's caps are refused. */
export function judgeParts(
  lon: number,
  units: { readonly x: number; readonly y: number },
  level: number,
): readonly string[] | undefined {
  let x = Math.min(units.x, 180 * 3600 * 2048 - 1);
  let y = units.y;
  if (y >= 88 * 3600 * 2048) return judgePolar(lon < 0, x / 7_372_800, y / 7_372_800, level);
  const parts: string[] = [];
  for (let l = 1; l <= level; l += 1) {
    const [width, height] = SECONDS[l - 1]!;
    const column = Math.floor(x / (width * 2048));
    const row = Math.floor(y / (height * 2048));
    x -= column * width * 2048;
    y -= row * height * 2048;
    if (l === 1) {
      const zone = lon < 0 ? 30 - column : 31 + column;
      parts.push(String(zone).padStart(2, '0') + 'ABCDEFGHIJKLMNOPQRSTUV'.charAt(row));
    } else if (l === 3 || l === 6) parts.push(String(row * 2 + column));
    else parts.push((column.toString(16) + row.toString(16)).toUpperCase());
  }
  return parts;
}

function judgePolar(west: boolean, x: number, y: number, level: number): readonly string[] | undefined {
  if (level > 2) return undefined;
  if (level === 1) return ['000'];
  const sector = x >= 120 ? 2 : west ? 3 : 1;
  if (y >= 89.5) return ['000', '00'];
  if (y >= 89) return ['000', `0${sector}`];
  const second = sector === 2 ? (west ? 1 : 0) : x >= 60 ? 1 : 0;
  return ['000', `${sector}${second + (y >= 88.5 ? 2 : 0)}`];
}

/** 2D text. -0 is 0, which belongs north. */
export function judgeText(lat: number, parts: readonly string[]): string {
  return (lat < 0 ? 'S' : 'N') + parts.join('');
}

/** Fixed-point whole numbers with this many binary places. */
const PLACES = 200n;
const ONE = 1n << PLACES;
const PI_DIGITS = 314159265358979323846264338327950288419716939937510n;
const STEP = (PI_DIGITS * ONE) / (180n * 10n ** 50n);
const LN_STEP = lnOnePlus(STEP);

/** ln(1 + x) for a small x, by its series. */
function lnOnePlus(x: bigint): bigint {
  let sum = 0n;
  let power = x;
  for (let n = 1n; power !== 0n; n += 1n) {
    sum += n % 2n === 1n ? power / n : -(power / n);
    power = (power * x) >> PLACES;
  }
  return sum;
}

/** e^x by its series after halving x eight times. */
function exp(x: bigint): bigint {
  const small = x >> 8n;
  let sum = ONE;
  let term = ONE;
  for (let n = 1n; term !== 0n && term !== -1n; n += 1n) {
    term = ((term * small) >> PLACES) / n;
    sum += term;
  }
  for (let n = 0; n < 8; n += 1) sum = (sum * sum) >> PLACES;
  return sum;
}

/** Height minus the floor of a level-10 layer (C.8), metres, worked out to 50 decimals before it becomes a double. */
export function judgeAboveFloor(heightM: number, layer: number): number {
  const floor = 6_378_137n * (exp((BigInt(layer) * LN_STEP) / UNITS) - ONE);
  const { top, shift } = exactly(Math.abs(heightM));
  const height = (top << PLACES) >> shift;
  return Number((heightM < 0 ? -height : height) - floor) / Number(ONE);
}

const LAYERS_PER_LN = 7_372_800 / Math.log(1 + Math.PI / 180);

/**
 * Level-10 layer of a height (C.12). Where plain doubles come within 1/500 of a layer of a border the floor itself is asked, and a height
 * less than `snap` below it belongs to it; undefined so close to that limit that the rounding of a floor decides.
 */
export function judgeLayer(heightM: number, snap: number): number | undefined {
  const exact = LAYERS_PER_LN * Math.log1p(heightM / 6_378_137);
  const nearest = Math.round(exact);
  if (Math.abs(exact - nearest) > 0.002) return Math.floor(exact);
  const above = judgeAboveFloor(heightM, nearest) + snap;
  if (Math.abs(above) < (6_378_137 + Math.abs(heightM)) * 2 ** -50) return undefined;
  return above >= 0 ? nearest : nearest - 1;
}

/** Height digits of levels 1..10 and the sign before them: C.3 to the letter, or mixed radix by seconds of arc. */
export function judgeHeightDigits(
  layer: number,
  coding: 'annexC' | 'clause6',
): { readonly sign: string; readonly digits: readonly string[] } {
  const sign = layer < 0 ? '1' : '0';
  const digits: string[] = [];
  if (coding === 'annexC') {
    const word = BigInt.asUintN(32, BigInt(layer)).toString(2).padStart(32, '0');
    // Counted from bit 32 down: a0, then 6 3 1 4 4 1 3 3 3 3.
    let at = 1;
    [6, 3, 1, 4, 4, 1, 3, 3, 3, 3].forEach((size, n) => {
      const value = Number.parseInt(word.slice(at, at + size), 2);
      digits.push(n === 0 ? String(value).padStart(2, '0') : value.toString(16).toUpperCase());
      at += size;
    });
    return { sign, digits };
  }
  let rest = layer < 0 ? layer + 256 * 7_372_800 : layer;
  [14_400, 1_800, 900, 60, 4, 2, 1 / 4, 1 / 32, 1 / 256, 1 / 2048].forEach((seconds, n) => {
    const value = Math.floor(rest / (seconds * 2048));
    rest -= value * seconds * 2048;
    digits.push(n === 0 ? String(value).padStart(2, '0') : value.toString(16).toUpperCase());
  });
  return { sign, digits };
}

/** 3D text of a 2D code's parts and a layer. */
export function judgeSolidText(
  lat: number,
  parts: readonly string[],
  layer: number,
  coding: 'annexC' | 'clause6',
): string {
  const { sign, digits } = judgeHeightDigits(layer, coding);
  return (lat < 0 ? 'S' : 'N') + sign + parts.map((part, n) => part + digits[n]!).join('');
}
