/** What a person types for a place: coordinates in several writings, a code of any grid, or a county's name. Pure. */
import {
  beidou2d,
  beidou3d,
  type CoordinateReference,
  type DggrsId,
  encodeBeidouDms,
  type HeightCoding,
  h3,
  isGridError,
  positionToCgcs2000,
  resolveBeidouReference,
} from '../../grid/index.ts';
import type { County } from '../engine/county.ts';

/** A place, CGCS2000 degrees, and what its text told beyond the position. */
export interface Place {
  readonly lonDeg: number;
  readonly latDeg: number;
  /** Ellipsoidal metres; null where the text told none. */
  readonly heightM: number | null;
  /** The zone the text named: its level is shown first. */
  readonly named: { readonly dggrs: DggrsId | 'beidou3d'; readonly level: number } | null;
}

/** Why a text is no place: a key of the dictionary, and the grid's own sentence where it has one. */
export type PlaceProblem =
  | { readonly reason: 'empty' | 'unknown' | 'swapped' }
  | { readonly reason: 'refused'; readonly message: string };

export interface ReadPlaceOptions {
  readonly reference: CoordinateReference;
  readonly heightCoding: HeightCoding;
  readonly counties: readonly County[];
}

/** Reads a text. Coordinates are taken in `reference`, longitude (easting) first unless letters N, S, E, W tell otherwise. */
export function readPlace(text: string, options: ReadPlaceOptions): Place | PlaceProblem {
  const typed = text.trim();
  if (typed === '') return { reason: 'empty' };
  try {
    return (
      readCode(typed.replace(/[\s\u2009]+/g, ''), options) ??
      readNumbers(typed, options) ??
      readDms(typed, options) ??
      readCounty(typed, options.counties) ?? { reason: 'unknown' }
    );
  } catch (error) {
    if (isGridError(error)) return { reason: 'refused', message: error.message };
    throw error;
  }
}

export function isPlace(read: Place | PlaceProblem): read is Place {
  return 'lonDeg' in read;
}

function readCode(code: string, { heightCoding }: ReadPlaceOptions): Place | null {
  const upper = code.toUpperCase();
  if (/^8[0-9a-f]{14}$/i.test(code)) {
    const { zone, level } = h3.parse(code.toLowerCase());
    return at(h3.centre(zone, level), null, { dggrs: 'h3', level });
  }
  if (/^[NS](0[1-9]|[1-5]\d|60)[A-V][0-9A-E]*-[0-7A-G-]+$/.test(upper)) {
    const { zone, level } = resolveBeidouReference(upper);
    return at(beidou2d.centre(zone, level), null, { dggrs: 'beidou2d', level });
  }
  // The row letter tells the two apart: fourth character in 2D, fifth in 3D.
  if (/^[NS]\d{2}[A-Z][0-9A-F]*$/.test(upper) || /^[NS]000\d{0,2}$/.test(upper)) {
    const { zone, level } = beidou2d.parse(upper);
    return at(beidou2d.centre(zone, level), null, { dggrs: 'beidou2d', level });
  }
  if (/^[NS][01]\d{2}[A-Z]\d{2}[0-9A-F]*$/.test(upper)) {
    const zone = beidou3d.parse(upper, heightCoding);
    const [lon, lat, heightM] = beidou3d.centre(zone, heightCoding);
    return at([lon, lat], heightM, { dggrs: 'beidou3d', level: zone.level });
  }
  return null;
}

function at(
  [lonDeg, latDeg]: readonly [number, number],
  heightM: number | null,
  named: Place['named'],
): Place {
  return { lonDeg, latDeg, heightM, named };
}

const DMS = /(\d+)\s*°\s*(?:(\d+)\s*['′’]\s*)?(?:(\d+(?:\.\d+)?)\s*(?:"|″|”|''|′′)\s*)?([NSEW东西南北])/giu;
const LETTERS: Readonly<Record<string, 'N' | 'S' | 'E' | 'W'>> = { 东: 'E', 西: 'W', 南: 'S', 北: 'N' };

/** `104°37′34.68″E 35°34′50.16″N`, in either order. */
function readDms(text: string, { reference }: ReadPlaceOptions): Place | null {
  const parts = [...text.matchAll(DMS)].map((match) => {
    const letter = match[4]!.toUpperCase();
    const hemisphere = LETTERS[letter] ?? (letter as 'N' | 'S' | 'E' | 'W');
    return {
      degrees: Number(match[1]),
      minutes: Number(match[2] ?? 0),
      seconds: Number(match[3] ?? 0),
      hemisphere,
    };
  });
  const lon = parts.find(({ hemisphere }) => hemisphere === 'E' || hemisphere === 'W');
  const lat = parts.find(({ hemisphere }) => hemisphere === 'N' || hemisphere === 'S');
  if (parts.length !== 2 || lon === undefined || lat === undefined) return null;
  const lonHemisphere = lon.hemisphere === 'E' ? 'E' : 'W';
  const latHemisphere = lat.hemisphere === 'N' ? 'N' : 'S';
  // Encoded once for its checks: 61 minutes are refused there, in words.
  const inUnits = (seconds: number) => Math.floor(seconds * 2048) / 2048;
  encodeBeidouDms(
    { ...lon, seconds: inUnits(lon.seconds), hemisphere: lonHemisphere },
    { ...lat, seconds: inUnits(lat.seconds), hemisphere: latHemisphere },
    1,
  );
  const degrees = (part: typeof lon) => part.degrees + part.minutes / 60 + part.seconds / 3600;
  const signed = (part: typeof lon, negative: boolean) => (negative ? -degrees(part) : degrees(part));
  // Angles are never metres of a plane system: with one chosen they are read as CGCS2000.
  const datum = typeof reference === 'string' ? reference : 'cgcs2000';
  const position = positionToCgcs2000(
    datum,
    signed(lon, lonHemisphere === 'W'),
    signed(lat, latHemisphere === 'S'),
  );
  return at(position, null, null);
}

const NUMBER = String.raw`[-+\u2212]?\d+(?:\.\d+)?`;
const PAIR = new RegExp(
  `^([NSEW])?\\s*(${NUMBER})\\s*°?\\s*([NSEW])?(?:\\s*[,，;；\\s]\\s*)([NSEW])?\\s*(${NUMBER})\\s*°?\\s*([NSEW])?` +
    `(?:\\s*[,，;；\\s]\\s*(${NUMBER})\\s*(?:m|米)?)?$`,
  'i',
);

/** `104.6263, 35.5806, 1900`, `35.5806 N 104.6263 E`, or easting and northing of a plane system. */
function readNumbers(text: string, { reference }: ReadPlaceOptions): Place | PlaceProblem | null {
  const found = PAIR.exec(text);
  if (found === null) return null;
  const letter = (one: string | undefined, two: string | undefined) => (one ?? two ?? '').toUpperCase();
  const [firstLetter, secondLetter] = [letter(found[1], found[3]), letter(found[4], found[6])];
  const signed = (value: string, side: string) =>
    Number(value.replace('\u2212', '-')) * (side === 'W' || side === 'S' ? -1 : 1);
  const first = signed(found[2]!, firstLetter);
  const second = signed(found[5]!, secondLetter);
  const latFirst = firstLetter === 'N' || firstLetter === 'S';
  const [a, b] = latFirst ? [second, first] : [first, second];
  const heightM = found[7] === undefined ? null : Number(found[7].replace('\u2212', '-'));
  const isDegrees = typeof reference === 'string';
  if (isDegrees && Math.abs(b) > 90 && Math.abs(a) <= 90) return { reason: 'swapped' };
  return at(positionToCgcs2000(reference, a, b), heightM, null);
}

function readCounty(text: string, counties: readonly County[]): Place | null {
  const wanted = text.toLowerCase();
  const same = (name: string) => name.toLowerCase() === wanted;
  const begins = (name: string) => wanted.length >= 2 && name.toLowerCase().startsWith(wanted);
  const county =
    counties.find(({ name }) => same(name.zh) || same(name.en)) ??
    counties.find(({ name }) => begins(name.zh) || begins(name.en));
  return county === undefined ? null : at([county.label[0], county.label[1]], null, null);
}
