import { describe, expect, it } from 'vitest';
import { NOTHING_DECLARED } from '../declarations.ts';
import { checkDeclarations, parseDeclarations } from '../declarations-check.ts';
import { isIngestError } from '../ingest-error.ts';

/** What is said against a mapping with this `position`, a dataset and a Thing; the empty text where nothing is. */
function said(position: object, dataset: object = {}, thing: object = {}): string {
  const about = {
    titleEn: 'Wells',
    titleZh: '井',
    publisherEn: 'Office',
    publisherZh: '局',
    licence: 'CC0-1.0',
    periodMs: 60_000,
  };
  try {
    const declared = parseDeclarations([
      { kind: 'dataset', body: { id: 'wells', ...about, ...dataset } },
      {
        kind: 'thing',
        body: { id: 't', dataset: 'wells', nameEn: 't', nameZh: 't', category: 'gauge', ...thing },
      },
      {
        kind: 'mapping',
        body: {
          id: 'wells-csv',
          dataset: 'wells',
          format: 'csv',
          position,
          features: { key: ['id'], featureType: 'well' },
        },
      },
    ]);
    checkDeclarations(NOTHING_DECLARED, declared);
    return '';
  } catch (error) {
    if (isIngestError(error)) return error.message;
    throw error;
  }
}

describe('placeProblems', () => {
  it('takes positions as they were always declared, and plane ones', () => {
    for (const position of [
      {},
      { lon: 'x', lat: 'y' },
      { geometry: false },
      { lon: 'x', lat: 'y', reference: 'bd09' },
      { easting: 'Y', northing: 'X', reference: 'EPSG:4544' },
      { easting: 'Y', northing: 'X', reference: { zoneWidthDeg: 3, zone: 35, prefixed: true } },
      { easting: 'Y', northing: 'X', reference: { centralMeridianDeg: 104.5, falseEastingM: 50_000 } },
      { lon: 'x', lat: 'y', height: 'h', heightReference: { above: 'sea-level', undulationM: -38.5 } },
    ]) {
      expect(said(position), JSON.stringify(position)).toBe('');
    }
    expect(said({ lon: 'x', lat: 'y', height: 'h' }, { heightReference: 'ellipsoidal' })).toBe('');
    expect(said({}, {}, { position: { lonDeg: 104, latDeg: 35, heightM: 1900 } })).toBe('');
  });

  it('refuses what cannot be read, and names the member', () => {
    for (const [position, message] of [
      [{ easting: 'Y', northing: 'X' }, 'Mapping "wells-csv", position.reference is missing'],
      [{ easting: 'Y', northing: 'X', reference: 'gcj02' }, 'position.reference is "gcj02", in degrees'],
      [{ easting: 'Y', northing: 'X', reference: 'gk3-18' }, 'position.reference: Cannot read'],
      [{ easting: 'Y', northing: 'X', reference: 'EPSG:2383' }, 'Xian 1980'],
      [
        { easting: 'Y', northing: 'X', reference: { centralMeridianDeg: 105, planeHeightM: 1 } },
        '"planeHeightM" is not a member',
      ],
      [{ easting: 'Y', reference: 'gk3-35' }, 'position.northing is missing'],
      [{ northing: 'Y', reference: 'gk3-35' }, 'position.easting is missing'],
      [{ easting: 'Y', northing: 'Y', reference: 'gk3-35' }, 'both the column "Y"'],
      [{ easting: 'Y', northing: 'X', lon: 'x', lat: 'y', reference: 'gk3-35' }, 'only one of them'],
      [{ lon: 'Y', lat: 'X', reference: 'gk3-35' }, 'name its columns easting and northing'],
      [{ lon: 'x', lat: 'y', height: 'h' }, 'position.height names the column "h"'],
      [{ lon: 'x', lat: 'y', height: 'h', heightReference: 'msl' }, 'position.heightReference: Cannot read'],
      [
        { lon: 'x', lat: 'y', height: 'h', heightReference: { above: 'sea-level', undulationM: 1900 } },
        'undulationM must be a number of metres -115..95',
      ],
    ] as const) {
      expect(said(position), JSON.stringify(position)).toContain(message);
    }
    expect(said({}, { heightReference: 'msl' })).toContain('Dataset "wells", heightReference: Cannot read');
    const raised = { lonDeg: 104, latDeg: 35, heightM: 1900 };
    expect(said({}, {}, { position: { ...raised, heightReference: 'msl' } })).toContain(
      'Thing "t", position.heightReference: Cannot read',
    );
    expect(
      said(
        {},
        {},
        {
          position: {
            ...raised,
            heightM: -11_990,
            heightReference: { above: 'sea-level', undulationM: -60 },
          },
        },
      ),
    ).toContain('Thing "t", position.heightM is -11990');
  });
});
