import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeightCoding } from '../beidou/beidou3d.ts';
import { beidou3d } from '../beidou/beidou3d-grid.ts';
import { GridError, isGridError } from '../errors.ts';
import { geometryAreaM2 } from '../geometry/ellipsoid-area.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { pointInGeometry } from '../geometry/point-in-geometry.ts';
import { countSolidZones } from '../solid/compact-solid.ts';
import { solidHolds } from '../solid/read-solid.ts';
import type { CityEntity, EntityShape } from './city-entity.ts';
import { decodeEntity, formatEntity, parseEntity } from './decode-entity.ts';
import { encodeEntity } from './encode-entity.ts';
import { ENTITY_CLASSES, type EntityLayer, entityClass } from './entity-class.ts';
import { formatEntityText, parseEntityText } from './entity-text.ts';

const footprint = {
  type: 'Polygon',
  coordinates: [
    [
      [104.626, 35.58],
      [104.6262, 35.58],
      [104.6262, 35.5801],
      [104.626, 35.5801],
      [104.626, 35.58],
    ],
  ],
} as const;
const INSIDE = [104.6261, 35.58005] as const;
const GROUND_M = 1890;

function entity(shape: EntityShape, more: Partial<CityEntity> = {}): CityEntity {
  return { id: 'x-1', class: '1000', groundM: GROUND_M, shape, ...more };
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isGridError(error)) return error.code;
    throw error;
  }
  return 'none';
}

describe('buildings', () => {
  const tower = encodeEntity(
    entity({
      kind: 'building',
      footprint,
      storeys: { count: 30, heightM: 3, basements: 2, basementHeightM: 4 },
    }),
  );

  it('encodeEntity gives each storey zones, a layer and a text of its own', () => {
    expect(tower.parts.length).toBe(32);
    expect(tower.parts.map(({ part }) => part).slice(0, 4)).toEqual(['B2', 'B1', 'F1', 'F2']);
    expect(tower.parts.map(({ layer }) => layer).slice(0, 3)).toEqual([
      'underground',
      'underground',
      'above',
    ]);
    expect(tower.text).toMatch(/^A1000C-N0/);
    expect(tower.parts[31]!.text).toMatch(/^A1010C-N0.*-F30$/);
    expect(tower.parts[0]!.text).toMatch(/^U1030C-N0.*-B2$/);
    expect(new Set(tower.parts.map(({ text }) => text)).size).toBe(32);
  });

  it('each storey holds its own height and not that of the storey after next, and the whole holds all', () => {
    tower.parts.forEach((part, n) => {
      const middle = GROUND_M + (n < 2 ? -8 + 4 * n + 2 : (n - 2) * 3 + 1.5);
      expect(solidHolds(part.zones, ...INSIDE, middle)).toBe(true);
      expect(solidHolds(tower.zones, ...INSIDE, middle)).toBe(true);
      expect(solidHolds(part.zones, ...INSIDE, middle + 8)).toBe(false);
    });
    expect(solidHolds(tower.zones, ...INSIDE, GROUND_M + 92)).toBe(false);
  });

  it('decodeEntity gives boxes and heights within one zone of what was declared', () => {
    const reading = decodeEntity(tower);
    expect(reading.class.nameZh).toBe('建筑物');
    expect(GROUND_M - 8 - reading.floorM).toBeGreaterThanOrEqual(0);
    expect(GROUND_M - 8 - reading.floorM).toBeLessThan(1);
    expect(reading.topM - GROUND_M - 90).toBeGreaterThan(0);
    expect(reading.topM - GROUND_M - 90).toBeLessThan(1);
    expect(reading.boxes.length).toBe(1);
    expect(reading.parts.map(({ boxes }) => boxes.length)).toEqual(new Array(32).fill(1));
    expect(reading.volumeM3).toBeGreaterThan(geometryAreaM2(footprint) * 98);
    expect(reading.volumeM3).toBeLessThan(geometryAreaM2(footprint) * 98 * 1.25);
  });

  it('the text of a building stays when a storey is added', () => {
    const higher = encodeEntity(entity({ kind: 'building', footprint, storeys: { count: 31, heightM: 3 } }));
    expect(higher.text).toBe(tower.text);
  });

  it('takes storeys with heights and footprints of their own, and a height alone', () => {
    const small = { type: 'Polygon', coordinates: [footprint.coordinates[0].slice(0, 3)] } as const;
    const stepped = encodeEntity(
      entity({
        kind: 'building',
        footprint,
        storeys: [
          { part: 'F1', floorM: 0, topM: 6 },
          { part: 'P1', floorM: 6, topM: 9, footprint: small },
        ],
      }),
    );
    expect(countSolidZones(stepped.parts[1]!.zones)).toBeLessThan(countSolidZones(stepped.parts[0]!.zones));
    expect(stepped.parts[1]!.class).toBe('1020');
    const plain = encodeEntity(entity({ kind: 'building', footprint, heightM: 9 }));
    expect(plain.parts).toEqual([]);
    expect(solidHolds(plain.zones, ...INSIDE, GROUND_M + 9)).toBe(true);
  });

  it('refuses buildings without height, storeys, place or names of their own', () => {
    const building =
      (more: object): (() => unknown) =>
      () =>
        encodeEntity(entity({ kind: 'building', footprint, ...more } as EntityShape));
    expect(codeOf(building({}))).toBe('entity-invalid');
    expect(codeOf(building({ storeys: { count: 0, heightM: 3 } }))).toBe('entity-invalid');
    expect(codeOf(building({ storeys: { count: 1.5, heightM: 3 } }))).toBe('entity-invalid');
    expect(codeOf(building({ storeys: [] }))).toBe('entity-invalid');
    expect(codeOf(building({ storeys: [{ part: 'roof', floorM: 0, topM: 1 }] }))).toBe('entity-invalid');
    const twice = [1, 2].map(() => ({ part: 'F1', floorM: 0, topM: 1 }));
    expect(codeOf(building({ storeys: twice }))).toBe('entity-invalid');
    expect(codeOf(building({ storeys: { count: 2, heightM: -3 } }))).toBe('geometry-invalid');
    expect(codeOf(building({ heightM: 3, footprint: { type: 'Polygon', coordinates: [] } }))).toBe(
      'entity-invalid',
    );
    const unknown = entity({ kind: 'building', footprint, heightM: 3 }, { class: '0815' as '1000' });
    expect(codeOf(() => encodeEntity(unknown))).toBe('entity-invalid');
  });
});

describe('pipes and ducts', () => {
  const line = [
    [104.626, 35.58],
    [104.627, 35.5802],
  ];

  it('depths to the crown, the centreline and the invert of one pipe are the same zones', () => {
    const shape = { kind: 'pipe', line, diameterMm: 600, wallMm: 50 } as const;
    const codes = [
      { ...shape, measuredTo: 'crown', depthM: 1.65 },
      { ...shape, measuredTo: 'centreline', depthM: 2 },
      { ...shape, measuredTo: 'invert', depthM: 2.3 },
      { ...shape, line: line.map((at) => [...at, GROUND_M - 2.3]), measuredTo: 'invert' },
    ].map((pipe) => encodeEntity(entity(pipe as EntityShape, { class: '4300' }), { level: 9 }));
    for (const code of codes) expect(code).toEqual(codes[0]);
    expect(codes[0]!.text).toMatch(/^U4300C-/);
    const { floorM, topM } = decodeEntity(codes[0]!);
    expect(floorM).toBeGreaterThan(GROUND_M - 2.35 - 0.125);
    expect(topM).toBeLessThan(GROUND_M - 1.65 + 0.125);
  });

  it('depths of each vertex make the pipe fall', () => {
    const sewer = encodeEntity(
      entity(
        { kind: 'pipe', line, diameterMm: 400, measuredTo: 'invert', depthM: [2, 4] },
        { class: '4200' },
      ),
    );
    expect(solidHolds(sewer.zones, line[0]![0]!, line[0]![1]!, GROUND_M - 1.8)).toBe(true);
    expect(solidHolds(sewer.zones, line[1]![0]!, line[1]![1]!, GROUND_M - 3.8)).toBe(true);
    expect(solidHolds(sewer.zones, line[1]![0]!, line[1]![1]!, GROUND_M - 1.8)).toBe(false);
  });

  it('a duct has its height below the crown or above the invert', () => {
    const duct = { kind: 'duct', line, widthMm: 2400, heightMm: 2000 } as const;
    const crown = encodeEntity(entity({ ...duct, measuredTo: 'crown', depthM: 1 }, { class: '4700' }));
    const invert = encodeEntity(entity({ ...duct, measuredTo: 'invert', depthM: [3, 3] }, { class: '4700' }));
    expect(crown).toEqual(invert);
    expect(solidHolds(crown.zones, line[0]![0]!, line[0]![1]!, GROUND_M - 2)).toBe(true);
    expect(solidHolds(crown.zones, line[0]![0]!, line[0]![1]!, GROUND_M)).toBe(false);
    expect(codeOf(() => encodeEntity(entity({ ...duct, measuredTo: 'crown', depthM: [1] })))).toBe(
      'geometry-invalid',
    );
  });
});

describe('roads, parcels and things', () => {
  it('a road is the surface of its strip, a parcel of its area', () => {
    const road = encodeEntity(
      entity(
        {
          kind: 'strip',
          line: [
            [104.626, 35.58],
            [104.628, 35.58],
          ],
          widthM: 24,
        },
        { class: '3000' },
      ),
      { level: 7 },
    );
    expect(road.layer).toBe('surface');
    expect(new Set(road.zones.floorLayers).size).toBe(1);
    expect(solidHolds(road.zones, 104.627, 35.58 + 11.9 / 110_950, GROUND_M)).toBe(true);
    const parcel = encodeEntity(entity({ kind: 'area', area: footprint }, { class: '2000' }));
    expect(solidHolds(parcel.zones, ...INSIDE, GROUND_M)).toBe(true);
    expect(solidHolds(parcel.zones, ...INSIDE, GROUND_M + 1.1)).toBe(false);
    expect(parcel.text).toMatch(/^S2000C-/);
  });

  it('a lamp is a pole, a tree has a crown, and a layer may be declared', () => {
    const lamp = encodeEntity(
      entity({ kind: 'object', position: INSIDE, heightM: 9 }, { class: '5010', layer: 'surface' }),
    );
    expect(lamp.text).toMatch(/^S5010C-/);
    expect(solidHolds(lamp.zones, ...INSIDE, GROUND_M + 8.9)).toBe(true);
    const tree = encodeEntity(
      entity({ kind: 'object', position: INSIDE, heightM: 12, fromM: 3, radiusM: 4 }, { class: '7000' }),
    );
    expect(solidHolds(tree.zones, INSIDE[0], INSIDE[1] + 3.9 / 110_950, GROUND_M + 5)).toBe(true);
    expect(solidHolds(tree.zones, ...INSIDE, GROUND_M + 1)).toBe(false);
  });

  it('any solid can be an entity, in the other reading of the heights too', () => {
    const solid = { kind: 'box', box: [104.6, 35.5, 2500, 104.61, 35.51, 2600] } as const;
    const code = encodeEntity(entity({ kind: 'solid', solid }, { class: '8010' }), {
      level: 6,
      coarsestLevel: 4,
      heightCoding: 'clause6',
    });
    expect(code.text).toMatch(/^A8010M-/);
    expect(solidHolds(code.zones, 104.605, 35.505, 2550)).toBe(true);
  });
});

const texts = fc
  .tuple(
    fc.double({ min: -180, max: 180, noNaN: true }),
    fc.double({ min: -87, max: 87, noNaN: true }),
    fc.integer({ min: -5000, max: 90_000 }).map((n) => n / 10),
    fc.integer({ min: 1, max: 10 }),
    fc.constantFrom<HeightCoding>('annexC', 'clause6'),
    fc.constantFrom<EntityLayer>('above', 'surface', 'underground'),
    fc.constantFrom(...ENTITY_CLASSES),
    fc.option(fc.tuple(fc.constantFrom('F', 'B', 'P'), fc.integer({ min: 1, max: 9999 })), {
      nil: undefined,
    }),
  )
  .map(([lon, lat, height, level, heightCoding, layer, row, part]) => ({
    layer,
    class: row.code,
    heightCoding,
    zone: beidou3d.encode(lon, lat, height, level, heightCoding),
    ...(part === undefined ? {} : { part: part.join('') }),
  }));

describe('entity codes as text', () => {
  it('parseEntityText reads what formatEntityText writes', () => {
    fc.assert(
      fc.property(texts, (entityText) => {
        expect(parseEntityText(formatEntityText(entityText))).toEqual(entityText);
      }),
      { seed: 61, numRuns: 1000 },
    );
  });

  it('refuses every text with one character changed, unless it is another code that reads back the same', () => {
    const glyphs = fc.constantFrom(...'ASUCMFBP0123456789N-+ xO');
    fc.assert(
      fc.property(texts, fc.nat(), glyphs, (entityText, at, glyph) => {
        const text = formatEntityText(entityText);
        const n = at % text.length;
        const changed = text.slice(0, n) + glyph + text.slice(n + 1);
        let read: string | undefined;
        try {
          read = formatEntityText(parseEntityText(changed));
        } catch (error) {
          expect(error).toBeInstanceOf(GridError);
          return;
        }
        expect(read).toBe(changed);
      }),
      { seed: 62, numRuns: 1000 },
    );
  });

  it('refuses texts that do not fit the grammar', () => {
    const good = 'A1010C-N031A000000000000000-F3';
    expect(parseEntityText(good).part).toBe('F3');
    for (const bad of [
      '',
      'A1010-N031A000000000000000',
      `${good} `,
      good.replace('F3', 'F03'),
      good.replace('1010', '1011'),
    ])
      expect(
        codeOf(() => parseEntityText(bad)),
        bad,
      ).toBe('entity-invalid');
    expect(codeOf(() => parseEntityText(good.replace('N031', 'N032Z')))).toBe('zone-invalid');
  });

  it('records survive JSON', () => {
    const shapes: readonly CityEntity[] = [
      entity({ kind: 'building', footprint, storeys: { count: 3, heightM: 3, basements: 1 } }),
      entity({ kind: 'object', position: INSIDE, heightM: 9 }, { class: '5010' }),
      entity(
        {
          kind: 'pipe',
          line: [
            [104.6, 35.5, 1800],
            [104.6, 35.5, 1900],
          ],
          diameterMm: 900,
          measuredTo: 'centreline',
        },
        { class: '4900' },
      ),
    ];
    for (const heightCoding of ['annexC', 'clause6'] as const) {
      for (const one of shapes) {
        const code = encodeEntity(one, { level: 7, coarsestLevel: 5, heightCoding });
        expect(parseEntity(JSON.parse(JSON.stringify(formatEntity(code))))).toEqual(code);
      }
    }
    const record = formatEntity(encodeEntity(shapes[1]!));
    expect(codeOf(() => parseEntity({ ...record, heightCoding: 'clause6' }))).toBe('entity-invalid');
    expect(codeOf(() => parseEntity({ ...record, parts: [{ text: record.text, runs: [] }] }))).toBe(
      'entity-invalid',
    );
  });
});

describe('the class table', () => {
  it('has unique codes in order, and names in both languages', () => {
    const codes = ENTITY_CLASSES.map(({ code }) => code);
    expect([...new Set(codes)].sort()).toEqual(codes);
    for (const { code, nameEn, nameZh } of ENTITY_CLASSES) {
      expect(code).toMatch(/^[1-9][0-9]{3}$/);
      expect(nameEn).toMatch(/^[A-Z]/);
      expect(nameZh).toMatch(/^\p{Script=Han}+$/u);
    }
    expect(entityClass('4300')?.nameEn).toBe('Gas pipe');
    expect(entityClass('toString')).toBeUndefined();
  });
});

const BUILDINGS = new URL(
  '../../../shared/data/buildings-3d/buildings_height_alexandria_va.geojson',
  import.meta.url,
);

describe('real buildings', () => {
  it.skipIf(!existsSync(BUILDINGS))(
    'footprints of Alexandria, Virginia with measured heights (runs only where ../shared/data/buildings-3d is there)',
    () => {
      const { features } = JSON.parse(readFileSync(BUILDINGS, 'utf8')) as {
        readonly features: readonly {
          readonly properties: { readonly HEIGHT: number | null };
          readonly geometry: GridGeometry;
        }[];
      };
      const measured = features.filter(({ properties }) => properties.HEIGHT !== null);
      expect(measured.length).toBe(82);
      for (const [n, { properties, geometry }] of measured.entries()) {
        const height = properties.HEIGHT!;
        const count = Math.max(1, Math.round(height / 3));
        const code = encodeEntity(
          {
            id: `alexandria-${n}`,
            class: '1000',
            groundM: -20,
            shape: { kind: 'building', footprint: geometry, storeys: { count, heightM: height / count } },
          },
          { coarsestLevel: 6 },
        );
        const reading = decodeEntity(code);
        const room = geometryAreaM2(geometry) * height;
        expect(reading.volumeM3).toBeGreaterThan(room);
        expect(reading.topM).toBeGreaterThan(-20 + height - 1e-6);
        expect(reading.parts.length).toBe(count);
        const rings = geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
        for (const [lon, lat] of rings.flat()) {
          expect(solidHolds(code.zones, lon!, lat!, -20)).toBe(true);
          expect(solidHolds(code.zones, lon!, lat!, -20 + height)).toBe(true);
        }
        const within = encodeEntity(
          {
            id: 'in',
            class: '1000',
            groundM: -20,
            shape: { kind: 'building', footprint: geometry, heightM: height },
          },
          { mode: 'within' },
        );
        const inner = decodeEntity(within);
        expect(inner.volumeM3).toBeLessThan(room);
        for (const [west, south, , east, north] of inner.boxes.slice(0, 3))
          expect(pointInGeometry(geometry, (west + east) / 2, (south + north) / 2)).toBe(true);
      }
    },
  );
});
