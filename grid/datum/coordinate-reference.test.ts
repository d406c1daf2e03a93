import { describe, expect, it } from 'vitest';
import { isGridError } from '../errors.ts';
import { formatCoordinateReference, isGeographic, parseCoordinateReference } from './coordinate-reference.ts';
import { DATUMS } from './datum.ts';
import { gaussKrugerZone, ZONES } from './gauss-kruger.ts';

/** What is said against a reference. */
function refusalOf(value: unknown): string {
  try {
    parseCoordinateReference(value);
  } catch (error) {
    if (isGridError(error, 'reference-invalid')) return error.message;
    throw error;
  }
  return 'taken';
}

function holdsItself(): object {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
}

describe('parseCoordinateReference', () => {
  it('reads the EPSG codes of every zone, with and without the zone number', () => {
    // Names and parameters of the registry's 64 codes: 4491 zone 13 ... 4554 CM 135E.
    const codes = [
      ...Array.from({ length: 11 }, (_, i) => [4491 + i, gaussKrugerZone(6, 13 + i, true)] as const),
      ...Array.from({ length: 11 }, (_, i) => [4502 + i, gaussKrugerZone(6, 13 + i, false)] as const),
      ...Array.from({ length: 21 }, (_, i) => [4513 + i, gaussKrugerZone(3, 25 + i, true)] as const),
      ...Array.from({ length: 21 }, (_, i) => [4534 + i, gaussKrugerZone(3, 25 + i, false)] as const),
    ];
    expect(codes.map(([code]) => code)).toEqual(Array.from({ length: 64 }, (_, i) => 4491 + i));
    for (const [code, system] of codes) {
      expect(parseCoordinateReference(`EPSG:${code}`), `EPSG:${code}`).toEqual(system);
      expect(parseCoordinateReference(`urn:ogc:def:crs:EPSG::${code}`)).toEqual(system);
      expect(parseCoordinateReference(`http://www.opengis.net/def/crs/EPSG/0/${code}`)).toEqual(system);
    }
    expect(parseCoordinateReference('EPSG:4547')).toMatchObject({ centralMeridianDeg: 114, zoneWidthDeg: 3 });
    expect(parseCoordinateReference('epsg:4496')).toMatchObject({ centralMeridianDeg: 105, zonePrefix: 18 });
    for (const id of [
      'OGC:CRS84',
      'urn:ogc:def:crs:OGC:1.3:CRS84',
      'http://www.opengis.net/def/crs/OGC/1.3/CRS84',
      'EPSG:4979',
    ]) {
      expect(parseCoordinateReference(id), id).toBe('wgs84');
    }
    expect(parseCoordinateReference('EPSG:4480')).toBe('cgcs2000');
    expect(parseCoordinateReference('CGCS2000')).toBe('cgcs2000');
    expect(parseCoordinateReference('GK3-CM105')).toEqual(parseCoordinateReference('gk3-cm105'));
    expect([parseCoordinateReference('EPSG:4490'), parseCoordinateReference('EPSG:4326')]).toEqual([
      'cgcs2000',
      'wgs84',
    ]);
  });

  it('reads back what formatCoordinateReference writes, and what it gave before', () => {
    const city = {
      centralMeridianDeg: 104.5,
      falseEastingM: 50_000,
      falseNorthingM: -3_900_000,
      scale: 1.0003,
    };
    const zones = ([3, 6] as const).flatMap((width) =>
      Array.from({ length: ZONES[width].max - ZONES[width].min + 1 }, (_, i) => ZONES[width].min + i).flatMap(
        (zone) => [gaussKrugerZone(width, zone, true), gaussKrugerZone(width, zone, false)],
      ),
    );
    for (const reference of [...DATUMS, ...zones, parseCoordinateReference(city)]) {
      expect(parseCoordinateReference(formatCoordinateReference(reference))).toEqual(reference);
      expect(parseCoordinateReference(reference)).toEqual(reference);
      expect(parseCoordinateReference(JSON.parse(JSON.stringify(reference)))).toEqual(reference);
    }
    expect(formatCoordinateReference(gaussKrugerZone(3, 35, true))).toBe('gk3-35');
    expect(formatCoordinateReference(gaussKrugerZone(6, 18, false))).toBe('gk6-cm105');
    expect([isGeographic('gcj02'), isGeographic(gaussKrugerZone(3, 35, true))]).toEqual([true, false]);
  });

  it('reads objects: a zone, or a city system with defaults', () => {
    expect(parseCoordinateReference({ zoneWidthDeg: 3, zone: 35, prefixed: false })).toEqual(
      parseCoordinateReference('gk3-cm105'),
    );
    expect(parseCoordinateReference({ centralMeridianDeg: 104.5 })).toEqual({
      projection: 'gauss-kruger',
      centralMeridianDeg: 104.5,
      falseEastingM: 500_000,
      falseNorthingM: 0,
      scale: 1,
    });
  });

  it('refuses everything else, and says what may be written', () => {
    for (const [value, said] of [
      ['wgs', 'must be cgcs2000'],
      ['gk3-18', 'zone 18 is a 6-degree zone'],
      ['gk6-35', 'zone 35 is a 3-degree zone'],
      ['gk3-46', '3-degree zones are numbered 25..45'],
      ['gk3-cm104', 'centralMeridianDeg: 104'],
      ['gk6-cm108', 'central meridians of 6-degree zones are 75, 81, ... 135'],
      ['EPSG:2383', 'datum Xian 1980'],
      ['EPSG:2435', 'datum Beijing 1954'],
      ['EPSG:4555', 'datum New Beijing'],
      ['EPSG:3857', 'must be EPSG:4490'],
      ['EPSG:4555.5', 'must be cgcs2000'],
      [' wgs84', 'must be cgcs2000'],
      ['{"centralMeridianDeg":', 'must be cgcs2000'],
      [35, 'must be a datum'],
      [35n, 'must be a datum'],
      [holdsItself(), 'is not a member'],
      [null, 'must be a datum'],
      [undefined, 'must be a datum'],
      [['wgs84'], 'must be a datum'],
      [{}, 'centralMeridianDeg must be a number 70..140'],
      [{ zoneWidthDeg: 3, zone: 35 }, 'prefixed must say'],
      [{ zoneWidthDeg: 4, zone: 35, prefixed: true }, 'zoneWidthDeg must be 3 or 6'],
      [{ zoneWidthDeg: 3, zone: '35', prefixed: true }, 'zone must be a number'],
      [{ zoneWidthDeg: 3, zone: 35.5, prefixed: true }, '3-degree zones are numbered'],
      [{ centralMeridianDeg: '105' }, 'centralMeridianDeg must be a number'],
      [{ centralMeridianDeg: Number.NaN }, 'centralMeridianDeg must be a number'],
      [{ centralMeridianDeg: 105, planeHeightM: 1900 }, '"planeHeightM" is not a member'],
      [{ centralMeridianDeg: 105, scale: 1.2 }, 'scale must be a number 0.99..1.01'],
      [{ centralMeridianDeg: 105, projection: 'mercator' }, 'projection must be "gauss-kruger"'],
      [{ centralMeridianDeg: 105, zonePrefix: 36, zoneWidthDeg: 3 }, 'must be 35'],
      [{ centralMeridianDeg: 105, zoneWidthDeg: 3, scale: 1.001 }, 'for a city system'],
      ['x'.repeat(10_000), 'must be cgcs2000'],
    ] as const) {
      const message = refusalOf(value);
      expect(message, said).toContain(said);
      expect(message.length).toBeLessThan(600);
    }
  });
});
