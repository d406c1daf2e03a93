import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../scripts/testing/seeded-random.ts';
import { NO_LAYER, NO_ZONE, wordsOf } from '../no-zone.ts';
import {
  judgeAboveFloor,
  judgeLayer,
  judgeParts,
  judgeSolidText,
  judgeText,
  judgeUnits,
} from './beidou-judge.ts';
import { anchor, beidou2d } from './beidou2d.ts';
import { parseBeidou2dBatch } from './beidou2d-parse.ts';
import { beidou3d } from './beidou3d-grid.ts';
import { type HeightCoding, layerFloorM, snapM } from './beidou3d-layers.ts';
import { parseBeidou3dBatch } from './beidou3d-text.ts';

const POINTS_PER_LEVEL = 100_000;
const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const CODINGS: readonly HeightCoding[] = ['annexC', 'clause6'];

/** Half of the points anywhere, a quarter on exact level-10 edges, the rest beside the axes, 180 degrees, 88 degrees and the poles. */
function positions(seed: number): { readonly lonDeg: Float64Array; readonly latDeg: Float64Array } {
  const next = seededRandom(seed);
  const lonDeg = new Float64Array(POINTS_PER_LEVEL);
  const latDeg = new Float64Array(POINTS_PER_LEVEL);
  const near = [0, 0, 6, -6, 180, -180, 120, -60];
  const nearLat = [0, 0, 4, -4, 88, -88, 89, -90];
  for (let n = 0; n < POINTS_PER_LEVEL; n += 1) {
    const kind = n % 4;
    if (kind < 2) {
      lonDeg[n] = (next() + next() / 2 ** 32) * 360 - 180;
      latDeg[n] = (next() + next() / 2 ** 32) * 180 - 90;
    } else if (kind === 2) {
      lonDeg[n] = Math.floor((next() * 2 - 1) * 1_327_104_000) / 7_372_800;
      latDeg[n] = Math.floor((next() * 2 - 1) * 663_552_000) / 7_372_800;
    } else {
      const scale = 10 ** -Math.floor(next() * 9);
      const lon = near[Math.floor(next() * 8)]! + (next() - 0.5) * scale;
      const lat = nearLat[Math.floor(next() * 8)]! + (next() - 0.5) * scale;
      lonDeg[n] = Math.max(-180, Math.min(180, lon));
      latDeg[n] = Math.max(-90, Math.min(90, lat));
    }
  }
  return { lonDeg, latDeg };
}

/** A third near the ground, a third anywhere below or above it, the rest on exact floors and a hair off them. */
function heights(seed: number): Float64Array {
  const next = seededRandom(seed);
  return Float64Array.from({ length: POINTS_PER_LEVEL }, (_, n) => {
    if (n % 3 === 0) return (next() + next() / 2 ** 32) * 12_000 - 2_000;
    if (n % 3 === 1) return next() < 0.5 ? -6_302_106 * next() : 528_680_171 * next();
    const layer = Math.floor((next() * 2 - 1) ** 3 * 256 * 7_372_800);
    return layerFloorM(layer) + (n % 2) * (next() - 0.5) * 1e-7;
  });
}

describe('the BeiDou grids against the judge, a million points each', () => {
  it.each(LEVELS)('level %i: batch and scalar, 2D and 3D in both codings, text and back', (level) => {
    const { lonDeg, latDeg } = positions(level);
    const heightM = heights(100 + level);
    const zones = beidou2d.encodeBatch(lonDeg, latDeg, level);
    const texts = beidou2d.formatBatch(zones, level);
    const parsed = parseBeidou2dBatch(texts);
    const centres = beidou2d.decodeBatch(zones, level);
    const solids = CODINGS.map((coding) => beidou3d.encodeBatch(lonDeg, latDeg, heightM, level, coding));
    const solidTexts = CODINGS.map((coding, c) => beidou3d.formatBatch(solids[c]!, level, coding));
    let [undecided, undecidedLayers] = [0, 0];
    const wrong: string[] = [];
    const check = (holds: boolean, n: number, what: string): void => {
      if (!holds) wrong.push(`${what}: ${lonDeg[n]} ${latDeg[n]} ${heightM[n]}`);
    };
    for (let n = 0; n < POINTS_PER_LEVEL; n += 1) {
      const [lon, lat, height] = [lonDeg[n]!, latDeg[n]!, heightM[n]!];
      const [x, y] = [judgeUnits(lon), judgeUnits(lat)];
      if (x.isUndecided || y.isUndecided) {
        undecided += 1;
        continue;
      }
      const parts = judgeParts(lon, { x: x.units, y: y.units }, level);
      if (parts === undefined) {
        check(zones[n] === NO_ZONE && texts[n] === '' && Number.isNaN(centres.lonDeg[n]), n, '2D refusal');
      } else {
        check(texts[n] === judgeText(lat, parts), n, '2D text');
        check(parsed.zones[n] === zones[n] && parsed.levels[n] === level, n, '2D parse');
        // One in seven through the single calls, which cost more.
        if (n % 7 === 0) {
          check(beidou2d.encode(lon, lat, level) === zones[n], n, '2D encode');
          check(beidou2d.format(zones[n]!, level) === texts[n], n, '2D format');
          const [centreLon, centreLat] = beidou2d.centre(zones[n]!, level);
          check(centreLon === centres.lonDeg[n] && centreLat === centres.latDeg[n], n, '2D centre');
        }
      }
      const isSolid = parts !== undefined && parts[0] !== '000';
      const layer = isSolid ? judgeLayer(height, snapM(height)) : 0;
      if (layer === undefined) {
        undecidedLayers += 1;
        continue;
      }
      for (let c = 0; c < 2; c += 1) {
        const text = isSolid ? judgeSolidText(lat, parts, layer, CODINGS[c]!) : '';
        check(solidTexts[c]![n] === text, n, `3D text ${CODINGS[c]}`);
        if (!isSolid) {
          check(solids[c]!.zones[n] === NO_ZONE && solids[c]!.floorLayers[n] === NO_LAYER, n, '3D refusal');
        } else if (n % 14 === c * 7) {
          const solid = beidou3d.encode(lon, lat, height, level, CODINGS[c]);
          check(solid.zone === solids[c]!.zones[n], n, '3D zone');
          check(solid.floorLayer === solids[c]!.floorLayers[n], n, '3D layer');
          check(beidou3d.format(solid, CODINGS[c]) === text, n, '3D format');
        }
      }
    }
    expect(wrong.slice(0, 10)).toEqual([]);
    // Within 3e-7 of the limit of the snap: one in millions.
    expect(undecided).toBeLessThan(5);
    // Of the heights put a hair off a floor on purpose, some hit the limit of its snap.
    expect(undecidedLayers).toBeLessThan(POINTS_PER_LEVEL / 40);
    const sample = solidTexts[1]!.slice(0, 5_000);
    const back = parseBeidou3dBatch(sample, 'clause6');
    sample.forEach((text, n) => {
      if (text === '') expect(back.refusals.get(n)?.code).toBe('zone-invalid');
      else {
        expect([back.zones[n], back.floorLayers[n], back.levels[n]]).toEqual([
          solids[1]!.zones[n],
          solids[1]!.floorLayers[n],
          level,
        ]);
      }
    });
  });
});

/** Index of the first word in which two lists of ids differ, -1 for none; comparing bigints would take a minute. */
function firstOther(a: BigUint64Array, b: BigUint64Array): number {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  if (left.length !== right.length) return Math.min(left.length, right.length);
  for (let n = 0; n < left.length; n += 1) if (left[n] !== right[n]) return n;
  return -1;
}

describe('beidou2d, every cell of the coarse levels', () => {
  /** Centres of the whole raster below 88 degrees, `columns` x `rows` cells. */
  const raster = (columns: number, rows: number): { lonDeg: Float64Array; latDeg: Float64Array } => {
    const lonDeg = new Float64Array(columns * rows);
    const latDeg = new Float64Array(columns * rows);
    for (let n = 0; n < columns * rows; n += 1) {
      lonDeg[n] = (((n % columns) + 0.5) * 360) / columns - 180;
      latDeg[n] = ((Math.floor(n / columns) + 0.5) * 176) / rows - 88;
    }
    return { lonDeg, latDeg };
  };
  const caps = ['N000', 'S000'].map((text) => beidou2d.parse(text).zone);
  /** All zones of level 1 or 2, the caps' among them. */
  const allZones = (level: 1 | 2): readonly bigint[] => {
    const { lonDeg, latDeg } = level === 1 ? raster(60, 44) : raster(720, 352);
    const ordinary = Array.from(beidou2d.encodeBatch(lonDeg, latDeg, level));
    return [...ordinary, ...caps.flatMap((cap) => beidou2d.subZones(cap, 1, level))];
  };

  it.each([
    [1, 60, 44],
    [2, 720, 352],
    [3, 1440, 1056],
  ])(
    'level %i: %i x %i cells, each once, each the zone of its centre, each in its parent',
    (level, columns, rows) => {
      const { lonDeg, latDeg } = raster(columns, rows);
      const zones = beidou2d.encodeBatch(lonDeg, latDeg, level);
      const sorted = zones.slice().sort();
      expect(sorted.findIndex((zone, n) => zone === sorted[n - 1])).toBe(-1);
      const centres = beidou2d.decodeBatch(zones, level);
      expect(firstOther(beidou2d.encodeBatch(centres.lonDeg, centres.latDeg, level), zones)).toBe(-1);
      if (level === 1) return;
      const parents = beidou2d.encodeBatch(lonDeg, latDeg, level - 1);
      for (let n = 0; n < zones.length; n += 3) {
        if (beidou2d.parent(zones[n]!, level, level - 1) !== parents[n])
          throw new Error(`not its parent: ${n}`);
      }
    },
  );

  it('subZones: those of all zones of one level are the zones of the next', () => {
    const second = allZones(1).flatMap((zone) => beidou2d.subZones(zone, 1, 2));
    expect(firstOther(BigUint64Array.from(second).sort(), BigUint64Array.from(allZones(2)).sort())).toBe(-1);
    const third = new BigUint64Array(1440 * 1056);
    let n = 0;
    for (const zone of second) {
      if (zone >> 57n === 0n || zone >> 57n === 64n) continue;
      for (const sub of beidou2d.subZones(zone, 2, 3)) third[n++] = sub;
    }
    expect(n).toBe(third.length);
    const { lonDeg, latDeg } = raster(1440, 1056);
    expect(firstOther(third.sort(), beidou2d.encodeBatch(lonDeg, latDeg, 3).sort())).toBe(-1);
  });

  it.each([1, 2] as const)('level %i: neighbours are mutual, and eight wherever no cap is near', (level) => {
    const shift = level === 1 ? 52n : 45n;
    const lists = new Map<number, readonly number[]>();
    for (const zone of allZones(level)) {
      lists.set(
        Number(zone >> shift),
        beidou2d.neighbours(zone, level).map((each) => Number(each >> shift)),
      );
    }
    let eights = 0;
    for (const [zone, list] of lists) {
      if (list.includes(zone) || new Set(list).size !== list.length)
        throw new Error(`itself or twice: ${zone}`);
      for (const each of list)
        if (lists.get(each)?.includes(zone) !== true) throw new Error(`one-sided: ${zone}`);
      if (list.length === 8) eights += 1;
    }
    expect(eights).toBe(level === 1 ? 60 * 42 : 720 * 350);
  });

  it('anchor: encodes back to its cell at level 2, with the hemisphere carried where it lies on an axis', () => {
    for (const zone of allZones(2)) {
      const [lon, lat] = anchor(zone, 2);
      const [, centreLat] = beidou2d.centre(zone, 2);
      if (lon === 0 || lat === 0 || Math.abs(lon) === 180 || Math.abs(centreLat) > 88) continue;
      if (beidou2d.encode(lon, lat, 2) !== zone) throw new Error(beidou2d.format(zone, 2));
    }
  });
});

describe('layer floors', () => {
  it.each(CODINGS)('%s: every floor that is printed encodes to its own layer, at every level', (coding) => {
    const next = seededRandom(7);
    for (const level of LEVELS) {
      const thickness = beidou3d.layersPerZone(level, coding);
      const reach = Math.floor((256 * 7_372_800) / thickness);
      const listed = reach <= 2_000;
      const count = listed ? 2 * reach : 20_000;
      const floors = Int32Array.from({ length: count }, (_, n) =>
        listed
          ? (n - reach) * thickness
          : Math.floor((next() * 2 - 1) ** (n % 2 === 0 ? 1 : 7) * reach) * thickness,
      );
      const printed = Float64Array.from(floors, (floor) => Number(String(layerFloorM(floor))));
      const at = new Float64Array(count).fill(35);
      const solids = beidou3d.encodeBatch(at, at, printed, level, coding);
      expect(solids.floorLayers).toEqual(floors);
      // The texts say so too, and their floors are the heights that went in.
      beidou3d
        .formatBatch(solids, level, coding)
        .slice(0, 500)
        .forEach((text, n) => {
          const zone = beidou3d.parse(text, coding);
          expect(zone.floorLayer).toBe(floors[n]);
          expect(beidou3d.anchor(zone, coding)[2]).toBe(printed[n]);
        });
    }
  });

  it('layerFloorM: within half the snap of the exact floor, from the deepest to the highest', () => {
    const next = seededRandom(11);
    for (let n = 0; n < 3_000; n += 1) {
      const layer = Math.floor((next() * 2 - 1) ** (n % 2 === 0 ? 1 : 9) * 256 * 7_372_800);
      const floorM = layerFloorM(layer);
      expect(Math.abs(judgeAboveFloor(floorM, layer))).toBeLessThan(snapM(floorM) / 2);
    }
  });

  it('a height two snaps below a floor stays below it', () => {
    const next = seededRandom(13);
    for (let n = 0; n < 3_000; n += 1) {
      const layer = Math.floor((next() * 2 - 1) ** 3 * 250 * 7_372_800);
      const below = layerFloorM(layer) - 2 * snapM(layerFloorM(layer));
      expect(beidou3d.encode(10, 10, below, 10).floorLayer).toBe(layer - 1);
    }
  });
});
