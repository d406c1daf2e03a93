import { POLYGON_TO_CELLS_FLAGS, polygonToCellsExperimental } from 'h3-js';
import { describe, expect, it } from 'vitest';
import type { CoverMode, ZoneSet } from '../codec.ts';
import { compactZones, uncompactZones } from '../cover/compact.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { prepareGeometry } from '../geometry/point-in-geometry.ts';
import { positionsIn } from '../test-shapes.ts';
import { h3 } from './h3.ts';
import { coverByWalk } from './test-cover-walk.ts';
import { hardCase, type Ring, seeded, starRing } from './test-h3-shapes.ts';

const MODES = ['intersects', 'within', 'centre'] as const satisfies readonly CoverMode[];
const polygon = (ring: readonly (readonly number[])[]): GridGeometry => ({
  type: 'Polygon',
  coordinates: [ring],
});
const box = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];
const same = (a: ZoneSet, b: ZoneSet): void => {
  expect(a.zones).toEqual(b.zones);
  expect(a.levels).toEqual(b.levels);
};
const without = (all: readonly bigint[], some: readonly bigint[]): readonly bigint[] => {
  const known = new Set(some);
  return all.filter((zone) => !known.has(zone));
};

describe('h3 covers', () => {
  it('cover intersects: between what the walk finds with a hundredth of the tolerance and with all of it', () => {
    const random = seeded(20);
    let apart = 0;
    let cells = 0;
    for (let n = 0; n < 600; n += 1) {
      const { level, geometry } = hardCase(random);
      const fast = h3.cover(geometry, level, 100_000);
      if (fast.length > 1500) continue;
      const slow = coverByWalk(geometry, level, 100_000);
      expect(without(fast, slow), JSON.stringify(geometry)).toEqual([]);
      if (fast.length !== slow.length) {
        apart += 1;
        expect(without(coverByWalk(geometry, level, 100_000, 1e-6), fast), JSON.stringify(geometry)).toEqual(
          [],
        );
      }
      cells += fast.length;
    }
    expect(cells).toBeGreaterThan(3000);
    expect(apart).toBeLessThan(5);
  });

  it('cover intersects: the zone of every position, at the finest levels too', () => {
    const random = seeded(29);
    let count = 0;
    for (let n = 0; n < 250; n += 1) {
      const { level, geometry } = hardCase(random, 9, 15);
      const cover = new Set(h3.cover(geometry, level, 100_000));
      const lon: number[] = [];
      const lat: number[] = [];
      for (const [x, y] of positionsIn(geometry, 40, 20)) {
        lon.push(x - 360 * Math.round(x / 360));
        lat.push(y);
      }
      const zones = h3.encodeBatch(Float64Array.from(lon), Float64Array.from(lat), level);
      zones.forEach((zone, k) => {
        if (!cover.has(zone)) expect(`${lon[k]}, ${lat[k]} of ${JSON.stringify(geometry)}`).toBe('covered');
      });
      count += zones.length;
    }
    expect(count).toBeGreaterThan(50_000);
  });

  it('cover: lines over a pole, along it and round it', () => {
    for (const coordinates of [
      [
        [0, 90],
        [170, 90],
      ],
      [
        [-100, 89.9],
        [70, 90],
      ],
      [
        [10, -89.99],
        [100, -89.99],
        [190, -89.99],
      ],
    ]) {
      const line: GridGeometry = { type: 'LineString', coordinates };
      const fine = new Set(h3.cover(line, 10, 10_000));
      for (const [lon, lat] of positionsIn(line, 5000, 0)) {
        const zone = h3.encode(lon - 360 * Math.round(lon / 360), lat, 10);
        if (!fine.has(zone)) expect([lon, lat]).toBe('covered');
      }
      for (const level of [0, 3]) {
        const cover = h3.cover(line, level, 10_000);
        expect(without(coverByWalk(line, level, 10_000, 1e-5), cover)).toEqual([]);
        expect(without(cover, coverByWalk(line, level, 10_000))).toEqual([]);
      }
    }
  });

  it('coverCompact: what compactZones makes of the cover, by every mode', () => {
    const random = seeded(21);
    let coarser = 0;
    for (let n = 0; n < 400; n += 1) {
      const { level, geometry } = hardCase(random);
      for (const mode of MODES) {
        const set = h3.coverCompact(geometry, level, 100_000, mode);
        same(set, compactZones(h3, h3.cover(geometry, level, 100_000, mode), level));
        if (set.levels.some((each) => each < level)) coarser += 1;
      }
    }
    expect(coarser).toBeGreaterThan(80);
  });

  it('cover within: cells with all their corners inside; every other cell that intersects has an edge in or near it', () => {
    const random = seeded(22);
    let found = 0;
    for (let n = 0; n < 300; n += 1) {
      const { level, geometry } = hardCase(random, 3);
      const within = h3.cover(geometry, level, 100_000, 'within');
      if (geometry.type === 'LineString') {
        expect(within).toEqual([]);
        continue;
      }
      const { contains } = prepareGeometry(geometry);
      const rings = (geometry as Extract<GridGeometry, { type: 'Polygon' }>).coordinates;
      const edges = rings.flatMap((ring) =>
        h3.cover({ type: 'LineString', coordinates: ring }, level, 100_000),
      );
      const all = h3.cover(geometry, level, 100_000);
      // Met by an edge or within, and never both.
      expect(within).toEqual(without(all, edges));
      for (const zone of within) {
        found += 1;
        for (const [lon, lat] of h3.boundary(zone, level)) {
          if (Math.abs(lat) < 90) expect(contains(lon - 360 * Math.round(lon / 360), lat)).toBe(true);
        }
      }
    }
    expect(found).toBeGreaterThan(400);
  });

  it('cover centre: the cells whose centre is inside, or the one of the representative point', () => {
    const random = seeded(23);
    let [found, small] = [0, 0];
    for (let n = 0; n < 400; n += 1) {
      const { level, geometry } = hardCase(random);
      const centred = h3.cover(geometry, level, 100_000, 'centre');
      const all = h3.cover(geometry, level, 100_000);
      if (geometry.type === 'LineString') {
        expect(centred).toEqual(all);
        continue;
      }
      const { contains } = prepareGeometry(geometry);
      const expected = all.filter((zone) => contains(...h3.centre(zone, level)));
      found += expected.length;
      if (expected.length > 0) expect(centred).toEqual(expected);
      else {
        small += 1;
        expect(centred.length).toBe(1);
        expect(all).toContain(centred[0]);
      }
    }
    expect(found).toBeGreaterThan(1000);
    expect(small).toBeGreaterThan(20);
  });

  it('cover centre: areas that share edges share no cell and leave none out', () => {
    const random = seeded(24);
    const middle = Array.from({ length: 40 }, (_, n) => [104.5 + 0.05 * random(), 35 + n * 0.01] as const);
    const west = [[104.2, 35], ...middle, [104.2, 35.39], [104.2, 35]] as Ring;
    const east = [[104.8, 35], [104.8, 35.39], ...middle.toReversed(), [104.8, 35]] as Ring;
    const parts = [west, east].map((ring) => h3.cover(polygon(ring), 10, 500_000, 'centre'));
    const whole = h3.cover(polygon(box(104.2, 35, 104.8, 35.39)), 10, 500_000, 'centre');
    expect([...parts[0]!, ...parts[1]!].sort((a, b) => (a < b ? -1 : 1))).toEqual(whole);
  });

  it('cover: small cells as polygonToCellsExperimental finds them, by its three flags', () => {
    const random = seeded(25);
    const { containmentOverlapping, containmentFull, containmentCenter } = POLYGON_TO_CELLS_FLAGS;
    const peers = [
      ['intersects', containmentOverlapping],
      ['within', containmentFull],
      ['centre', containmentCenter],
    ] as const;
    let cells = 0;
    for (let n = 0; n < 120; n += 1) {
      const level = 8 + (n % 4);
      const radius = (0.06 / Math.sqrt(7) ** (level - 8)) * (0.2 + random());
      const centre = [random() * 350 - 175, random() * 140 - 70] as const;
      const ring = starRing(random, centre, radius, 3 + Math.floor(random() * 20), 0.4);
      const hole = ring.map(([lon, lat]) => [
        centre[0] + (lon - centre[0]) * 0.3,
        centre[1] + (lat - centre[1]) * 0.3,
      ]);
      const rings = n % 2 === 0 ? [ring] : [ring, hole];
      for (const [mode, flag] of peers) {
        const found = h3.cover({ type: 'Polygon', coordinates: rings }, level, 100_000, mode);
        const peer = polygonToCellsExperimental(
          rings.map((each) => each.map(([lon, lat]) => [lat!, lon!])),
          level,
          flag,
        ).map((text) => BigInt(`0x${text}`));
        // A cell for what is too small for one is our own rule.
        if (mode === 'centre' && peer.length === 0) continue;
        expect(found, `${mode} ${JSON.stringify(rings)}`).toEqual(peer.sort((a, b) => (a < b ? -1 : 1)));
        cells += found.length;
      }
    }
    expect(cells).toBeGreaterThan(10_000);
  });

  it('cover: across the antimeridian as one polygon or cut into two, by every mode', () => {
    const cut: GridGeometry = {
      type: 'MultiPolygon',
      coordinates: [[box(170, 10, 180, 20)], [box(-180, 10, -170, 20)]],
    };
    for (const mode of MODES) {
      const whole = h3.cover(polygon(box(170, 10, 190, 20)), 4, 10_000, mode);
      expect(whole.length).toBeGreaterThan(1000);
      expect(h3.cover(cut, 4, 10_000, mode)).toEqual(whole);
      expect(h3.cover(polygon(box(-190, 10, -170, 20)), 4, 10_000, mode)).toEqual(whole);
    }
  });

  it('cover: the globe is every cell and its base cells, by every mode', () => {
    const globe = polygon(box(-180, -90, 180, 90));
    for (const mode of MODES) {
      const set = h3.coverCompact(globe, 5, 122, mode);
      expect(set.zones.length).toBe(122);
      expect(set.levels.every((level) => level === 0)).toBe(true);
      expect(h3.cover(globe, 2, 5882, mode).length).toBe(5882);
    }
  });

  it('cover: a ring round each pole holds the pole, and every cell within is there', () => {
    for (const lat of [80, -80]) {
      const ring = Array.from({ length: 37 }, (_, n) => [n * 10 - 180, lat]);
      const inside = h3.cover(polygon(ring), 4, 10_000, 'within');
      expect(inside).toContain(h3.encode(0, Math.sign(lat) * 90, 4));
      const all = h3.cover(polygon(ring), 4, 10_000);
      expect(all.length).toBeGreaterThan(inside.length);
      // The centres of the ring's edges bulge; beyond that the latitude tells what is in.
      for (const zone of all) {
        const away = Math.abs(h3.centre(zone, 4)[1]);
        expect(away).toBeGreaterThan(79);
        if (away > 81) expect(inside).toContain(zone);
      }
    }
  });

  it('cover: a huge polygon, its cells found again one by one', () => {
    const asia = polygon(box(30, 10, 140, 70));
    const { contains } = prepareGeometry(asia);
    const centred = new Set(h3.cover(asia, 3, 41_162, 'centre'));
    for (let base = 0; base < 122; base += 1) {
      const zone = (1n << 59n) | (BigInt(base) << 45n) | ((1n << 45n) - 1n);
      for (const sub of h3.subZones(zone, 0, 3))
        expect(centred.has(sub)).toBe(contains(...h3.centre(sub, 3)));
    }
  });

  it('cover: slivers and specks have their cell, and none within', () => {
    const here = h3.encode(104.6263, 35.5806, 9);
    const [lon, lat] = h3.centre(here, 9);
    const speck = polygon(box(lon + 1e-4, lat, lon + 1.0001e-4, lat + 1e-9));
    expect(h3.cover(speck, 9, 1)).toEqual([here]);
    expect(h3.cover(speck, 9, 1, 'centre')).toEqual([here]);
    expect(h3.cover(speck, 9, 1, 'within')).toEqual([]);
    expect(h3.coverCompact(speck, 9, 1)).toEqual({
      zones: BigUint64Array.of(here),
      levels: Uint8Array.of(9),
    });
    const sliver = box(104, 35, 105, 35 + 1e-9);
    const line = h3.cover({ type: 'LineString', coordinates: [sliver[0]!, sliver[1]!] }, 8, 1000);
    expect(without(line, h3.cover(polygon(sliver), 8, 1000))).toEqual([]);
    expect(h3.cover(polygon(sliver), 8, 1000).length).toBeLessThan(line.length + 3);
  });

  it('cover: a polygon of 100,000 vertices holds them and what lies inside', () => {
    const random = seeded(26);
    const ring = starRing(random, [104.6, 35.5], 0.6, 100_000, 0.97);
    const geometry = polygon(ring);
    const cover = new Set(h3.cover(geometry, 8, 50_000));
    const encode = (each: Ring): BigUint64Array =>
      h3.encodeBatch(
        Float64Array.from(each, ([lon]) => lon),
        Float64Array.from(each, ([, lat]) => lat),
        8,
      );
    for (const zone of encode(ring)) if (!cover.has(zone)) expect(cover).toContain(zone);
    const inside = Array.from({ length: 20_000 }, () => {
      const [angle, radius] = [random() * 2 * Math.PI, 0.57 * Math.sqrt(random())];
      const stretch = 1 / Math.cos((35.5 * Math.PI) / 180);
      return [104.6 + stretch * radius * Math.cos(angle), 35.5 + radius * Math.sin(angle)] as const;
    });
    for (const zone of encode(inside)) if (!cover.has(zone)) expect(cover).toContain(zone);
    const within = h3.cover(geometry, 8, 50_000, 'within');
    expect(within.length).toBeGreaterThan(0.7 * cover.size);
  });

  it('cover: several parts are the union of theirs', () => {
    const random = seeded(27);
    const points = Array.from({ length: 50 }, () => [104 + random(), 35 + random()]);
    const parts: readonly GridGeometry[] = [
      { type: 'MultiPoint', coordinates: points },
      { type: 'MultiLineString', coordinates: [points.slice(0, 3), points.slice(4, 9)] },
      polygon(starRing(random, [104.5, 35.5], 0.3, 9)),
    ];
    const all: GridGeometry = { type: 'GeometryCollection', geometries: parts };
    for (const mode of MODES) {
      const union = new Set(parts.flatMap((part) => h3.cover(part, 7, 10_000, mode)));
      expect(h3.cover(all, 7, 10_000, mode)).toEqual([...union].sort((a, b) => (a < b ? -1 : 1)));
      const set = h3.coverCompact(all, 7, 10_000, mode);
      expect(uncompactZones(h3, set, 7, 10_000)).toEqual(h3.cover(all, 7, 10_000, mode));
    }
  });

  it('cover and coverCompact: the bound itself passes, one less is refused with an estimate', () => {
    const geometry = polygon(starRing(seeded(28), [104.5, 35.5], 0.3, 9));
    for (const mode of MODES) {
      const { length } = h3.cover(geometry, 8, 100_000, mode);
      expect(h3.cover(geometry, 8, length, mode).length).toBe(length);
      expect(() => h3.cover(geometry, 8, length - 1, mode)).toThrow(/about \d+ zones, at most/);
      const kept = h3.coverCompact(geometry, 8, 100_000, mode).zones.length;
      expect(h3.coverCompact(geometry, 8, kept, mode).zones.length).toBe(kept);
      expect(() => h3.coverCompact(geometry, 8, kept - 1, mode)).toThrow(/about \d+ zones, at most/);
    }
    const asia = polygon(box(30, 10, 140, 70));
    expect(() => h3.cover(asia, 15, 1_000_000)).toThrow(/about 6\d0{12} zones, at most 1000000$/);
    expect(() => h3.coverCompact(asia, 15, 1000)).toThrow(/at most 1000$/);
  });
});
