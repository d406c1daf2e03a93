/**
 * How the two numbers of a position are to be read: a datum with degrees, or a plane system with metres. Declared once per source, as a
 * short id, an EPSG code, or an object; never guessed from the numbers.
 *
 * | declared | read as |
 * |---|---|
 * | `cgcs2000`, `wgs84`, `gcj02`, `bd09` | degrees |
 * | `gk3-35` | 3-degree zone 35, eastings begin with the zone number (35 437 000) |
 * | `gk3-cm105` | the same zone by its central meridian, eastings without the number (437 000) |
 * | `gk6-18`, `gk6-cm105` | 6-degree zones likewise |
 * | `EPSG:4490`, `EPSG:4326`, `OGC:CRS84` | degrees: CGCS2000, WGS 84, WGS 84 as GeoJSON has it; also 4480 and 4979, the same with height |
 * | `EPSG:4491` to `EPSG:4554` | Gauss-Krueger on CGCS2000 |
 * | `{ zoneWidthDeg: 3, zone: 35, prefixed: true }` | as `gk3-35`; `prefixed: false` as `gk3-cm105` |
 * | `{ centralMeridianDeg: 104.5, falseEastingM: 500000, falseNorthingM: 0, scale: 1 }` | a city's own system; the last three may be left out |
 *
 * The first number is always longitude or easting, the second latitude or northing, whatever axis order EPSG lists.
 */
import { GridError } from '../errors.ts';
import { type Datum, isDatum } from './datum.ts';
import {
  FALSE_EASTING_M,
  type GaussKruger,
  gaussKrugerZone,
  ZONES,
  zoneMeridianDeg,
} from './gauss-kruger.ts';
import { quote } from './quote.ts';

/** A datum in degrees, or a plane system in metres. */
export type CoordinateReference = Datum | GaussKruger;

/** Ranges of EPSG codes of CGCS2000 plane systems, in the order of their zones. @source EPSG registry, as in PROJ 9.5. */
const EPSG_ZONES = [
  { first: 4491, zoneWidthDeg: 6, prefixed: true },
  { first: 4502, zoneWidthDeg: 6, prefixed: false },
  { first: 4513, zoneWidthDeg: 3, prefixed: true },
  { first: 4534, zoneWidthDeg: 3, prefixed: false },
] as const;
const EPSG_DATUMS: ReadonlyMap<number, Datum> = new Map([
  [4490, 'cgcs2000'],
  [4480, 'cgcs2000'],
  [4326, 'wgs84'],
  [4979, 'wgs84'],
]);
/** Codes of older Chinese datums, whose way to CGCS2000 is not public: ranges, both ends included. */
const EPSG_OLDER = [
  {
    name: 'Xian 1980',
    ranges: [
      [2327, 2390],
      [4610, 4610],
    ],
  },
  {
    name: 'Beijing 1954',
    ranges: [
      [2401, 2442],
      [21_413, 21_423],
      [21_453, 21_463],
      [4214, 4214],
    ],
  },
  {
    name: 'New Beijing',
    ranges: [
      [4555, 4555],
      [4568, 4589],
      [4652, 4656],
      [4766, 4800],
    ],
  },
] as const;

const ZONE_ID = /^gk([36])-(cm)?(\d{1,3})$/;
/** WGS 84 with longitude first, as GeoJSON has it. */
const CRS84_ID =
  /^(?:ogc:crs84|urn:ogc:def:crs:ogc:[\d.]*:crs84|https?:\/\/www\.opengis\.net\/def\/crs\/ogc\/[\d.]+\/crs84)$/i;
const EPSG_ID =
  /^(?:epsg:|urn:ogc:def:crs:epsg:[\d.]*:|https?:\/\/www\.opengis\.net\/def\/crs\/epsg\/[\d.]+\/)(\d{4,5})$/i;
/** `[member, least, most, default]` of a city's own system; degrees and metres. */
const CITY_MEMBERS = [
  ['centralMeridianDeg', 70, 140, undefined],
  ['falseEastingM', -100_000_000, 100_000_000, FALSE_EASTING_M],
  ['falseNorthingM', -10_000_000, 10_000_000, 0],
  ['scale', 0.99, 1.01, 1],
] as const;

/**
 * Reads a declared coordinate reference: an id, an EPSG code (also as URN or OGC address), an object, or a reference already read.
 *
 * @throws {GridError} `reference-invalid`, with what is wrong and what may be written.
 */
export function parseCoordinateReference(value: unknown): CoordinateReference {
  if (isDatum(value)) return value;
  if (typeof value === 'string') return parseText(value);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return parseObject(value as Readonly<Record<string, unknown>>);
  }
  throw invalid(
    quote(value),
    'must be a datum (cgcs2000, wgs84, gcj02, bd09), a zone (gk3-35, gk3-cm105), an EPSG code or an object',
  );
}

/** The shortest text that `parseCoordinateReference` reads as this reference; JSON for a city's own system. */
export function formatCoordinateReference(reference: CoordinateReference): string {
  if (typeof reference === 'string') return reference;
  const { zoneWidthDeg, zonePrefix, centralMeridianDeg, falseEastingM, falseNorthingM, scale } = reference;
  if (zoneWidthDeg === undefined) {
    return JSON.stringify({ centralMeridianDeg, falseEastingM, falseNorthingM, scale });
  }
  return `gk${zoneWidthDeg}-${zonePrefix ?? `cm${centralMeridianDeg}`}`;
}

/** Are positions of this reference degrees, longitude first? Else they are metres, easting first. */
export function isGeographic(reference: CoordinateReference): reference is Datum {
  return typeof reference === 'string';
}

function parseText(text: string): CoordinateReference {
  // Ids are written in small letters; people write CGCS2000.
  const id = text.toLowerCase();
  if (isDatum(id)) return id;
  const zone = ZONE_ID.exec(id);
  if (zone !== null) {
    const zoneWidthDeg = zone[1] === '3' ? 3 : 6;
    const number = Number(zone[3]);
    return zone[2] === undefined
      ? zoneOf(quote(text), zoneWidthDeg, number, true)
      : zoneOfMeridian(quote(text), zoneWidthDeg, number);
  }
  const epsg = EPSG_ID.exec(text);
  if (epsg !== null) return parseEpsg(text, Number(epsg[1]));
  if (CRS84_ID.test(text)) return 'wgs84';
  // JSON is what `formatCoordinateReference` writes for a city's own system.
  if (text.startsWith('{')) {
    try {
      return parseObject(JSON.parse(text) as Readonly<Record<string, unknown>>);
    } catch (error) {
      if (error instanceof GridError) throw error;
    }
  }
  throw invalid(
    quote(text),
    'must be cgcs2000, wgs84, gcj02, bd09, gk3-25..45, gk6-13..23, gk3-cm75..135, gk6-cm75..135 or EPSG:4491..4554',
  );
}

function parseEpsg(text: string, code: number): CoordinateReference {
  const datum = EPSG_DATUMS.get(code);
  if (datum !== undefined) return datum;
  for (const { first, zoneWidthDeg, prefixed } of EPSG_ZONES) {
    const { min, max } = ZONES[zoneWidthDeg];
    const zone = min + code - first;
    if (zone >= min && zone <= max) return gaussKrugerZone(zoneWidthDeg, zone, prefixed);
  }
  for (const { name, ranges } of EPSG_OLDER) {
    if (ranges.some(([first, last]) => code >= first && code <= last)) {
      throw invalid(
        quote(text),
        `it is of the datum ${name}, which stands tens of metres from CGCS2000 by parameters that are not public: convert the file to CGCS2000 first`,
      );
    }
  }
  throw invalid(quote(text), 'must be EPSG:4490, EPSG:4326 or EPSG:4491..4554');
}

function parseObject(given: Readonly<Record<string, unknown>>): GaussKruger {
  return 'zone' in given ? parseZoneObject(given) : parseMeridianObject(given);
}

function parseZoneObject(given: Readonly<Record<string, unknown>>): GaussKruger {
  refuseOthers(given, ['projection', 'zoneWidthDeg', 'zone', 'prefixed']);
  const { zoneWidthDeg, zone, prefixed } = given;
  if (zoneWidthDeg !== 3 && zoneWidthDeg !== 6) throw invalid(quote(given), 'zoneWidthDeg must be 3 or 6');
  if (typeof zone !== 'number') throw invalid(quote(given), 'zone must be a number');
  if (typeof prefixed !== 'boolean') {
    throw invalid(
      quote(given),
      'prefixed must say whether eastings begin with the zone number: true or false',
    );
  }
  return zoneOf(quote(given), zoneWidthDeg, zone, prefixed);
}

/** A city's own system; also a `GaussKruger` that was read before. */
function parseMeridianObject(given: Readonly<Record<string, unknown>>): GaussKruger {
  refuseOthers(given, ['projection', 'zoneWidthDeg', 'zonePrefix', ...CITY_MEMBERS.map(([name]) => name)]);
  const { zoneWidthDeg, zonePrefix } = given;
  const numbers = CITY_MEMBERS.map(([name, least, most, fallback]) => {
    const number = given[name] ?? fallback;
    if (typeof number !== 'number' || !(number >= least && number <= most)) {
      throw invalid(quote(given), `${name} must be a number ${least}..${most}`);
    }
    return number;
  });
  const [centralMeridianDeg, falseEastingM, falseNorthingM, scale] = numbers as [
    number,
    number,
    number,
    number,
  ];
  if (zoneWidthDeg === undefined && zonePrefix === undefined) {
    return { projection: 'gauss-kruger', centralMeridianDeg, falseEastingM, falseNorthingM, scale };
  }
  if (zoneWidthDeg !== 3 && zoneWidthDeg !== 6) throw invalid(quote(given), 'zoneWidthDeg must be 3 or 6');
  const system = zoneOfMeridian(quote(given), zoneWidthDeg, centralMeridianDeg, zonePrefix);
  if (falseEastingM !== FALSE_EASTING_M || falseNorthingM !== 0 || scale !== 1) {
    throw invalid(
      quote(given),
      'a zone has falseEastingM 500000, falseNorthingM 0 and scale 1: leave out zoneWidthDeg and zonePrefix for a city system',
    );
  }
  return system;
}

function refuseOthers(given: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const other = Object.keys(given).find((name) => !known.includes(name));
  if (other !== undefined) {
    throw invalid(quote(given), `"${other}" is not a member: the members are ${known.join(', ')}`);
  }
  if (given.projection !== undefined && given.projection !== 'gauss-kruger') {
    throw invalid(quote(given), 'projection must be "gauss-kruger"');
  }
}

function zoneOf(what: string, zoneWidthDeg: 3 | 6, zone: number, prefixed: boolean): GaussKruger {
  const { min, max } = ZONES[zoneWidthDeg];
  if (!Number.isInteger(zone) || zone < min || zone > max) {
    const other = zoneWidthDeg === 3 ? 6 : 3;
    const hint =
      zone >= ZONES[other].min && zone <= ZONES[other].max ? `: zone ${zone} is a ${other}-degree zone` : '';
    throw invalid(what, `${zoneWidthDeg}-degree zones are numbered ${min}..${max}${hint}`);
  }
  return gaussKrugerZone(zoneWidthDeg, zone, prefixed);
}

function zoneOfMeridian(
  what: string,
  zoneWidthDeg: 3 | 6,
  meridianDeg: number,
  zonePrefix?: unknown,
): GaussKruger {
  const { min, max } = ZONES[zoneWidthDeg];
  const zone = zoneWidthDeg === 3 ? meridianDeg / 3 : (meridianDeg + 3) / 6;
  if (!Number.isInteger(zone) || zone < min || zone > max) {
    throw invalid(
      what,
      `central meridians of ${zoneWidthDeg}-degree zones are ${zoneMeridianDeg(zoneWidthDeg, min)}, ${zoneMeridianDeg(zoneWidthDeg, min + 1)}, ... ${zoneMeridianDeg(zoneWidthDeg, max)}; any other is a city's own system: { centralMeridianDeg: ${meridianDeg} }`,
    );
  }
  if (zonePrefix !== undefined && zonePrefix !== zone) {
    throw invalid(what, `zonePrefix of the meridian ${meridianDeg} must be ${zone}`);
  }
  return gaussKrugerZone(zoneWidthDeg, zone, zonePrefix !== undefined);
}

function invalid(what: string, reason: string): GridError {
  return new GridError('reference-invalid', `Cannot read the coordinate reference ${what}: ${reason}`);
}
