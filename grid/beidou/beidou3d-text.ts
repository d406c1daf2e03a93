/**
 * BeiDou 3D texts (GB/T 39409-2020 clause 6): the 2D text with the digits of the height woven in. Hemisphere, sign of the height (0, or
 * 1 below the ellipsoid), then for each level its 2D digits and its height digit (two at level 1). Below the ellipsoid the layer number
 * is a two's complement, so that layers nest and shortening a text rounds down.
 */
import { checkLevel, checkText } from '../checks.ts';
import { GridError } from '../errors.ts';
import { NO_LAYER, NO_ZONE, wordsOf } from '../no-zone.ts';
import { type GridRefusal, refusalOf } from '../refusal.ts';
import type { SolidZones } from '../solid.ts';
import { HEX_BYTES, textsOf, writeCodeTexts } from './beidou2d-bytes.ts';
import { type BeidouCell, packCell } from './beidou2d-cell.ts';
import { beidouLevel, MAX_LEVEL, MIN_LEVEL } from './beidou2d-levels.ts';
import { HEX_VALUES, readCode } from './beidou2d-parse.ts';
import { formatCell, parseCell } from './beidou2d-text.ts';
import {
  type HeightCoding,
  isLayerInRange,
  LAYER_LIMIT,
  LAYER_RADICES,
  LAYER_THICKNESS,
} from './beidou3d-layers.ts';

/** What is added to a layer below the ellipsoid: C.2's range is 2 x 256 degrees in `clause6`, 32 bits in `annexC`. */
function wrapOf(coding: HeightCoding): number {
  return coding === 'annexC' ? 2 ** 31 : LAYER_LIMIT;
}

/** Length of a 3D text of a level: 7 10 12 15 18 20 23 26 29 32. */
export function textLength3d(level: number): number {
  return beidouLevel(level).length + level + 2;
}

/** Level of a 3D code by its length. */
const LEVEL_BY_LENGTH: ReadonlyMap<number, number> = new Map(
  Array.from({ length: MAX_LEVEL }, (_, n) => [textLength3d(n + 1), n + 1]),
);

/** Text of a cell of the ordinary area and a layer in range; digits below the cell's level are cut off. */
export function weave(cell: BeidouCell, layer: number, coding: HeightCoding): string {
  const flat = formatCell(cell);
  let rest = layer >= 0 ? layer : layer + wrapOf(coding);
  let text = `${flat[0]}${layer < 0 ? 1 : 0}`;
  for (let level = 1; level <= cell.level; level += 1) {
    const thickness = LAYER_THICKNESS[coding][level]!;
    const digit = Math.floor(rest / thickness);
    rest -= digit * thickness;
    text += flat.slice(beidouLevel(level - 1).length, beidouLevel(level).length);
    text += level === 1 ? String(digit).padStart(2, '0') : digit.toString(16).toUpperCase();
  }
  return text;
}

/** The parts of a 3D text. */
export interface Unwoven {
  readonly cell: BeidouCell;
  /** Its 2D text. */
  readonly code2d: string;
  readonly floorLayer: number;
}

/** @throws {GridError} `zone-invalid` with the reason; `polar-unsupported`. */
export function unweave(text: string, coding: HeightCoding): Unwoven {
  checkText(text);
  const level = LEVEL_BY_LENGTH.get(text.length);
  if (level === undefined)
    throw refuse(text, `length ${text.length} must be one of 7 10 12 15 18 20 23 26 29 32`);
  if (text[1] !== '0' && text[1] !== '1') throw refuse(text, `sign "${text[1]}" must be 0 or 1`);
  let code2d = text[0]!;
  let layer = 0;
  let at = 2;
  for (let l = 1; l <= level; l += 1) {
    const radix = LAYER_RADICES[coding][l]!;
    const chars = beidouLevel(l).chars;
    const digits = text.slice(at + chars, at + chars + (l === 1 ? 2 : 1));
    code2d += text.slice(at, at + chars);
    at += chars + digits.length;
    const digit = (l === 1 ? /^[0-9]{2}$/ : /^[0-9A-F]$/).test(digits)
      ? Number.parseInt(digits, l === 1 ? 10 : 16)
      : Number.NaN;
    if (!(digit < radix))
      throw refuse(text, `level ${l} height "${digits}" must be below ${radix} (${coding})`);
    layer += digit * LAYER_THICKNESS[coding][l]!;
  }
  const cell = refusePolar(parseCell(code2d));
  if (text[1] === '1') layer -= wrapOf(coding);
  if (!isLayerInRange(layer, level, coding))
    throw refuse(text, 'height must be within 256 degrees of layers');
  return { cell, code2d, floorLayer: layer };
}

/** @throws {GridError} `polar-unsupported` for a polar cell. */
export function refusePolar(cell: BeidouCell): BeidouCell {
  if (!cell.polar) return cell;
  throw new GridError(
    'polar-unsupported',
    'Cannot use 3D codes at |lat| >= 88 degrees: their layout is not stated',
  );
}

function refuse(text: string, reason: string): GridError {
  return new GridError('zone-invalid', `Cannot parse BeiDou 3D code "${text.slice(0, 40)}": ${reason}`);
}

/** Where each character of the 2D text goes in the 3D text, and where the height digit of each level goes. */
const FLAT_PLACES = new Uint8Array(20);
const HEIGHT_PLACES = new Uint8Array(MAX_LEVEL + 1);
for (let level = 1, at = 2; level <= MAX_LEVEL; level += 1) {
  const { length, chars } = beidouLevel(level);
  for (let n = length - chars; n < length; n += 1) {
    FLAT_PLACES[n] = at;
    at += 1;
  }
  HEIGHT_PLACES[level] = at;
  at += level === 1 ? 2 : 1;
}

/** 2D texts of the rows under way, on their way into 3D texts. */
let flatBytes = new Uint8Array(0);

/** Writes the texts of rows `from` to `to`, one after another, all of one width; `NO_ZONE` gives blanks. */
function writeSolidTexts(
  words: Uint32Array,
  floorLayers: Int32Array,
  from: number,
  to: number,
  level: number,
  coding: HeightCoding,
  bytes: Uint8Array,
): void {
  const width = textLength3d(level);
  const flatWidth = beidouLevel(level).length;
  if (flatBytes.length < (to - from) * flatWidth) flatBytes = new Uint8Array((to - from) * flatWidth);
  writeCodeTexts(words, from, to, level, flatBytes);
  for (let n = from, at = 0, flatAt = 0; n < to; n += 1, at += width, flatAt += flatWidth) {
    const layer = floorLayers[n]!;
    if (layer === NO_LAYER) {
      bytes.fill(0x20, at, at + width);
      continue;
    }
    bytes[at] = flatBytes[flatAt]!;
    for (let i = 1; i < flatWidth; i += 1) bytes[at + FLAT_PLACES[i]!] = flatBytes[flatAt + i]!;
    bytes[at + 1] = layer < 0 ? 0x31 : 0x30;
    if (coding === 'annexC') writeBits(bytes, at, layer, level);
    else writeMixed(bytes, at, layer, level);
  }
}

/** Texts of solid zones of one level, trusted to be such; `NO_ZONE` gives the empty text. The level is checked by the caller. */
export function formatSolids(
  { zones, floorLayers }: SolidZones,
  level: number,
  coding: HeightCoding,
): string[] {
  const words = wordsOf(zones);
  return textsOf(zones.length, textLength3d(level), (from, to, bytes) =>
    writeSolidTexts(words, floorLayers, from, to, level, coding, bytes),
  );
}

/**
 * Texts of solid zones of one level as ASCII, one after another without separators, each of the level's width: 7 10 12 15 18 20 23 26 29 32
 * bytes for levels 1..10. `NO_ZONE` with `NO_LAYER` gives blanks. For files: a column of fixed width.
 * @param bytes - Written from its start; made when left out. At least n x width.
 * @throws {GridError} `level-out-of-range`; `shape-mismatch` when `bytes` is too small.
 */
export function solidTextBytes(
  { zones, floorLayers }: SolidZones,
  level: number,
  coding: HeightCoding = 'annexC',
  bytes?: Uint8Array,
): Uint8Array {
  checkLevel('beidou3d', level, MIN_LEVEL, MAX_LEVEL);
  const size = zones.length * textLength3d(level);
  const out = bytes ?? new Uint8Array(size);
  if (out.length < size) {
    throw new GridError('shape-mismatch', `Cannot write ${size} bytes of text into ${out.length}`);
  }
  writeSolidTexts(wordsOf(zones), floorLayers, 0, zones.length, level, coding, out);
  return out;
}

/** Low bit of the field of each level, `annexC`. */
const SHIFTS = [0, 25, 22, 21, 17, 13, 12, 9, 6, 3, 0];

function writeBits(bytes: Uint8Array, at: number, layer: number, level: number): void {
  writeTwo(bytes, at + 5, (layer >>> 25) & 63);
  for (let l = 2; l <= level; l += 1) {
    bytes[at + HEIGHT_PLACES[l]!] = HEX_BYTES[(layer >>> SHIFTS[l]!) & (LAYER_RADICES.annexC[l]! - 1)]!;
  }
}

function writeMixed(bytes: Uint8Array, at: number, layer: number, level: number): void {
  let rest = layer < 0 ? layer + LAYER_LIMIT : layer;
  for (let l = 1; l <= level; l += 1) {
    const thickness = LAYER_THICKNESS.clause6[l]!;
    const digit = (rest / thickness) | 0;
    rest -= digit * thickness;
    if (l === 1) writeTwo(bytes, at + 5, digit);
    else bytes[at + HEIGHT_PLACES[l]!] = HEX_BYTES[digit]!;
  }
}

function writeTwo(bytes: Uint8Array, at: number, value: number): void {
  const tens = (value * 205) >> 11;
  bytes[at] = 48 + tens;
  bytes[at + 1] = 48 + value - tens * 10;
}

/** Solid zones of a batch of texts, shapes (n). A refused row has `NO_ZONE`, `NO_LAYER`, level 0 and its reason, by row. */
export interface ParsedSolidZones extends SolidZones {
  readonly levels: Uint8Array;
  readonly refusals: ReadonlyMap<number, GridRefusal>;
}

/**
 * Solid zones of texts, as `beidou3d.parse` reads each: canonical text only, of any level, row by row. Never throws for a text.
 * @param texts - Shape (n).
 */
export function parseBeidou3dBatch(
  texts: readonly string[],
  coding: HeightCoding = 'annexC',
): ParsedSolidZones {
  const zones = new BigUint64Array(texts.length);
  const floorLayers = new Int32Array(texts.length);
  const levels = new Uint8Array(texts.length);
  const refusals = new Map<number, GridRefusal>();
  const words = wordsOf(zones);
  for (let n = 0; n < texts.length; n += 1) {
    const text = texts[n]!;
    const level = LEVEL_BY_LENGTH.get(text.length) ?? 0;
    const layer = level > 0 ? readLayer(text, level, coding) : NO_LAYER;
    if (layer !== NO_LAYER && readCode(text, level, FLAT_PLACES, words, 2 * n)) {
      floorLayers[n] = layer;
      levels[n] = level;
      continue;
    }
    zones[n] = NO_ZONE;
    floorLayers[n] = NO_LAYER;
    // What is read fast and what is read slowly must be the same texts.
    const refusal = refusalOf(() => unweave(text, coding));
    if (refusal === undefined) throw new Error(`Cannot read "${text}" as a batch: the two readers differ`);
    refusals.set(n, refusal);
  }
  return { zones, floorLayers, levels, refusals };
}

/** Floor layer of a 3D text of a level, `NO_LAYER` for digits that are none. */
function readLayer(text: string, level: number, coding: HeightCoding): number {
  const sign = text.charCodeAt(1);
  if (sign !== 0x30 && sign !== 0x31) return NO_LAYER;
  const thicknesses = LAYER_THICKNESS[coding];
  const radices = LAYER_RADICES[coding];
  const [tens, ones] = [valueAt(text, HEIGHT_PLACES[1]!), valueAt(text, HEIGHT_PLACES[1]! + 1)];
  if (tens > 9 || ones > 9 || tens * 10 + ones >= radices[1]!) return NO_LAYER;
  let layer = (tens * 10 + ones) * thicknesses[1]!;
  for (let l = 2; l <= level; l += 1) {
    const digit = valueAt(text, HEIGHT_PLACES[l]!);
    if (digit >= radices[l]!) return NO_LAYER;
    layer += digit * thicknesses[l]!;
  }
  if (sign === 0x31) layer -= wrapOf(coding);
  return isLayerInRange(layer, level, coding) ? layer : NO_LAYER;
}

function valueAt(text: string, place: number): number {
  const char = text.charCodeAt(place);
  return char < 256 ? HEX_VALUES[char]! : 99;
}

/** Packed 2D code of an unwoven text's cell. */
export function zoneOf({ cell }: Unwoven): bigint {
  return packCell(cell);
}
