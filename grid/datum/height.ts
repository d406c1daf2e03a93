/**
 * What a height is counted from. Every grid with height wants metres above the CGCS2000 ellipsoid (geodetic height, GB/T 39409-2020
 * 3.5); maps, plans and levels give metres above sea level, sensors often above the ground. The difference is tens of metres, so it is
 * declared, and a height whose reference is not declared is refused where an ellipsoidal one is asked for.
 *
 * | declared | ellipsoidal height |
 * |---|---|
 * | `ellipsoidal` | as given (GNSS) |
 * | `sea-level:-38.5`, `{ above: 'sea-level', undulationM: -38.5 }` | given + undulation; in China levels are of the 1985 National Height Datum |
 * | `ground:1860`, `{ above: 'ground', groundHeightM: 1860 }` | given + ellipsoidal height of the ground there |
 *
 * The undulation (height anomaly) is the height of sea level above the ellipsoid, negative where it lies below, as in most of China. One
 * number holds for a place, not for a country: it changes by some centimetres a kilometre, more in mountains. It comes from the
 * surveying office or a geoid model; nothing here guesses it.
 */
import { GridError } from '../errors.ts';
import { quote } from './quote.ts';

/** What heights of a source are counted from, metres. */
export type HeightReference =
  | 'ellipsoidal'
  | { readonly above: 'sea-level'; readonly undulationM: number }
  | { readonly above: 'ground'; readonly groundHeightM: number };

/** Heights of sea level above the ellipsoid anywhere on Earth, metres, with a margin: EGM2008 has -107 to +86. */
const UNDULATION_M = { min: -115, max: 95 } as const;
/** Ellipsoidal heights of ground, metres, with a margin. */
const GROUND_M = { min: -12_000, max: 9_500 } as const;
const TEXT = /^(sea-level|ground):([+-]?\d+(?:\.\d+)?)$/;

/**
 * Reads a declared height reference, as text or object.
 *
 * @throws {GridError} `reference-invalid`, with what is wrong and what may be written.
 */
export function parseHeightReference(value: unknown): HeightReference {
  if (value === 'ellipsoidal') return value;
  const text = typeof value === 'string' ? TEXT.exec(value) : null;
  if (text !== null) {
    return text[1] === 'sea-level' ? aboveSeaLevel(Number(text[2])) : aboveGround(Number(text[2]));
  }
  if (typeof value === 'object' && value !== null) {
    const { above, undulationM, groundHeightM, ...others } = value as Readonly<Record<string, unknown>>;
    if (Object.keys(others).length === 0) {
      if (above === 'sea-level' && groundHeightM === undefined) return aboveSeaLevel(undulationM);
      if (above === 'ground' && undulationM === undefined) return aboveGround(groundHeightM);
    }
  }
  throw invalid(
    value,
    'must be "ellipsoidal", { above: "sea-level", undulationM } or { above: "ground", groundHeightM }, or as text "sea-level:-38.5", "ground:1860"',
  );
}

/** The text that `parseHeightReference` reads as this reference. */
export function formatHeightReference(reference: HeightReference): string {
  if (reference === 'ellipsoidal') return reference;
  return reference.above === 'sea-level'
    ? `sea-level:${plain(reference.undulationM)}`
    : `ground:${plain(reference.groundHeightM)}`;
}

/**
 * A height above the ellipsoid, metres.
 *
 * @param reference - What `heightM` is counted from; undefined where its source did not say.
 * @throws {GridError} `reference-invalid` for an undeclared reference, `height-invalid` for NaN and infinities.
 */
export function toEllipsoidalHeight(reference: HeightReference | undefined, heightM: number): number {
  return finite(heightM) + heightOffsetM(reference);
}

/**
 * Heights above the ellipsoid for a batch, metres; NaN and infinities give NaN.
 *
 * @param heightM - Metres. Shape (n).
 * @param out - Gets ellipsoidal metres; may be `heightM` itself. Shape (n).
 * @returns How many rows are NaN.
 * @throws {GridError} `reference-invalid`, `shape-mismatch`.
 */
export function toEllipsoidalHeightBatch(
  reference: HeightReference | undefined,
  heightM: Float64Array,
  out: Float64Array,
): number {
  const offsetM = heightOffsetM(reference);
  if (out.length !== heightM.length) {
    throw new GridError(
      'shape-mismatch',
      `Cannot convert ${heightM.length} heights into ${out.length}: lengths must be equal`,
    );
  }
  let refused = 0;
  for (let i = 0; i < heightM.length; i++) {
    const height = heightM[i]! + offsetM;
    const valid = Number.isFinite(height);
    if (!valid) refused++;
    out[i] = valid ? height : Number.NaN;
  }
  return refused;
}

/** A height of the reference from one above the ellipsoid, metres: the inverse of `toEllipsoidalHeight`. @throws {GridError} as it does. */
export function fromEllipsoidalHeight(reference: HeightReference | undefined, heightM: number): number {
  return finite(heightM) - heightOffsetM(reference);
}

function finite(heightM: number): number {
  if (Number.isFinite(heightM)) return heightM;
  throw new GridError('height-invalid', `Cannot read height ${heightM}: must be a finite number of metres`);
}

/** Metres to add to a height of this reference. @throws {GridError} `reference-invalid` where none is declared, or what is none. */
function heightOffsetM(reference: HeightReference | undefined): number {
  if (reference === undefined || reference === null) {
    throw new GridError(
      'reference-invalid',
      'Cannot use a height whose reference is not declared: declare "ellipsoidal", "sea-level:<undulation>" or "ground:<height of the ground>"',
    );
  }
  if (reference === 'ellipsoidal') return 0;
  const offsetM = reference.above === 'sea-level' ? reference.undulationM : reference.groundHeightM;
  // A text that was not read has no offset, and would make every height NaN.
  if (Number.isFinite(offsetM)) return offsetM;
  throw invalid(reference, 'read it with parseHeightReference first');
}

function aboveSeaLevel(undulationM: unknown): HeightReference {
  return { above: 'sea-level', undulationM: bounded(undulationM, 'undulationM', UNDULATION_M) };
}

function aboveGround(groundHeightM: unknown): HeightReference {
  return { above: 'ground', groundHeightM: bounded(groundHeightM, 'groundHeightM', GROUND_M) };
}

function bounded(value: unknown, name: string, { min, max }: { min: number; max: number }): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw invalid(value, `${name} must be a number of metres ${min}..${max}`);
  }
  return value;
}

/** Without an exponent, which the text form does not read. */
function plain(number: number): string {
  return Math.abs(number) < 1e-6 ? '0' : String(number);
}

function invalid(value: unknown, reason: string): GridError {
  return new GridError('reference-invalid', `Cannot read the height reference ${quote(value)}: ${reason}`);
}
