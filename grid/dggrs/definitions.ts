/** The definitions of the grids: figures from the tables of the codecs, or of a walk over all zones where no formula gives them. */
import { ELLIPSOID_AREA_M2, rectangleAreaM2 } from '../geometry/ellipsoid.ts';
import { MAX_SUB_ZONES } from '../no-zone.ts';
import type { DggrsDefinition, DggrsLevel } from './definition.ts';
import { BEIDOU_ID_LAYOUT, type BeidouLevelLayout, H3_ID_LAYOUT } from './id-layout.ts';

const CRS84 = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';
const { unitsPerDegree, levels: beidouLevels } = BEIDOU_ID_LAYOUT;

/**
 * Least and greatest area of an H3 cell by level, square metres: the smallest pentagon, and the largest cell found by climbing from neighbour to
 * neighbour below the largest of the level above; over all cells to level 4. Six figures hold.
 */
const H3_AREA_SPANS: readonly (readonly [least: number, most: number])[] = [
  [2_550_957_437_659, 5_016_818_959_116],
  [326_976_390_938, 735_351_975_195],
  [44_731_080_034, 105_443_936_837],
  [6_287_379_369, 15_071_491_881],
  [892_594_022.4, 2_153_235_123],
  [127_217_138.1, 307_610_367.8],
  [18_157_615.8, 43_944_449.6],
  [2_593_082.71, 6_277_780.66],
  [370_393.01, 896_825.86],
  [52_910.773, 128_117.98],
  [7558.5438, 18_302.569],
  [1079.7846, 2614.6527],
  [154.25455, 373.52181],
  [22.036342, 53.360259],
  [3.1480477, 7.6228941],
  [0.44972104, 1.0889849],
];

function h3Levels(): readonly DggrsLevel[] {
  return H3_AREA_SPANS.map(([minAreaM2, maxAreaM2], level) => {
    const zones = 2 + 120 * 7 ** level;
    const meanAreaM2 = ELLIPSOID_AREA_M2 / zones;
    return {
      level,
      refinementRatio: level === 0 ? null : 7,
      zones: `${zones}`,
      meanAreaM2,
      minAreaM2,
      maxAreaM2,
      meanEdgeM: Math.sqrt((2 * meanAreaM2) / (3 * Math.sqrt(3))),
    };
  });
}

/** Polar zones of both caps at levels 1 and 2: how many, and areas of the smallest and the largest. */
const POLAR: Readonly<Record<number, readonly [zones: number, least: number, most: number]>> = {
  1: [2, rectangleAreaM2(360, 88, 2), rectangleAreaM2(360, 88, 2)],
  // The pole's disc is the least; the third of the ring round it the most.
  2: [
    32,
    Math.min(rectangleAreaM2(360, 89.5, 0.5), rectangleAreaM2(60, 88.5, 0.5)),
    Math.max(rectangleAreaM2(120, 89, 0.5), rectangleAreaM2(60, 88, 0.5)),
  ],
};

function beidouLevel(each: BeidouLevelLayout): DggrsLevel {
  const width = each.lonUnits / unitsPerDegree;
  const height = each.latUnits / unitsPerDegree;
  const ordinary =
    BigInt(BEIDOU_ID_LAYOUT.lonLimitUnits / each.lonUnits) *
    BigInt(BEIDOU_ID_LAYOUT.polarUnits / each.latUnits) *
    4n;
  const [polar, least, most] = POLAR[each.level] ?? [0, Number.POSITIVE_INFINITY, 0];
  const zones = ordinary + BigInt(polar);
  const covered = polar > 0 ? ELLIPSOID_AREA_M2 : rectangleAreaM2(360, -88, 176);
  const meanAreaM2 = covered / Number(zones);
  return {
    level: each.level,
    refinementRatio: each.level === 1 ? null : each.columns * each.rows,
    zones: `${zones}`,
    meanAreaM2,
    minAreaM2: Math.min(least, rectangleAreaM2(width, 88 - height, height)),
    maxAreaM2: Math.max(most, rectangleAreaM2(width, 0, height)),
    meanEdgeM: Math.sqrt(meanAreaM2),
    lonUnits: each.lonUnits,
    latUnits: each.latUnits,
  };
}

/** Deepest relative depth at which no zone has more than the sub-zones one call lists. */
function relativeDepth(ratios: readonly number[]): number {
  for (let depth = 1; ; depth += 1) {
    const counts = ratios.map((_, n) =>
      ratios.slice(n, n + depth).reduce((product, ratio) => product * ratio, 1),
    );
    if (Math.max(...counts) > MAX_SUB_ZONES || depth > ratios.length) return depth - 1;
  }
}

const ratiosOf = (levels: readonly DggrsLevel[]): readonly number[] =>
  levels.slice(1).map(({ refinementRatio }) => refinementRatio!);
const H3_LEVELS = h3Levels();
const BEIDOU_2D_LEVELS = beidouLevels.map(beidouLevel);
/** Below 88 degrees only, so means and bounds differ at levels 1 and 2; volumes depend on the layer, areas are those of the floor plan. */
const BEIDOU_3D_LEVELS = beidouLevels.map((each, n): DggrsLevel => {
  const flat = BEIDOU_2D_LEVELS[n]!;
  const plan = BigInt(flat.zones) - BigInt(POLAR[each.level]?.[0] ?? 0);
  const width = each.lonUnits / unitsPerDegree;
  const height = each.latUnits / unitsPerDegree;
  const meanAreaM2 = rectangleAreaM2(360, -88, 176) / Number(plan);
  const { annexC, clause6 } = BEIDOU_ID_LAYOUT.layerThickness;
  const thickness = { annexC: annexC[each.level]!, clause6: clause6[each.level]! };
  // Layers of `annexC`, the default; the outermost are cut by the range of the standard.
  const layers = 2n * BigInt(Math.ceil(BEIDOU_ID_LAYOUT.layerLimit / thickness.annexC));
  return {
    ...flat,
    refinementRatio: n === 0 ? null : flat.refinementRatio! * (annexC[each.level - 1]! / annexC[each.level]!),
    zones: `${plan * layers}`,
    meanAreaM2,
    minAreaM2: rectangleAreaM2(width, 88 - height, height),
    maxAreaM2: rectangleAreaM2(width, 0, height),
    meanEdgeM: Math.sqrt(meanAreaM2),
    layers: thickness,
  };
});

/** Every grid's definition by its id. Plain data: `JSON.stringify` gives the document. */
export const DGGRS_DEFINITIONS: Readonly<Record<DggrsDefinition['id'], DggrsDefinition>> = {
  h3: {
    id: 'h3',
    title: { zh: 'H3 六边形网格', en: 'H3 hexagonal grid' },
    description: {
      zh: '二十面体上的六边形网格，孔径 7，每级 12 个五边形；子格按编号归属父格，空间上只近似包含。',
      en: 'Hexagons of aperture 7 on an icosahedron, with 12 pentagons at each level. Sub-zones belong to their parent by id and lie in it only roughly.',
    },
    uri: 'urn:jingwei:dggrs:h3',
    crs: CRS84,
    standard: 'https://h3geo.org, version 4',
    zoneShape: 'hexagon',
    nestsInSpace: false,
    minRefinementLevel: 0,
    maxRefinementLevel: H3_ID_LAYOUT.maxLevel,
    defaultDepth: 1,
    maxRelativeDepth: relativeDepth(ratiosOf(H3_LEVELS)),
    subZoneOrder: {
      name: 'ascending-id',
      description:
        'By id as an unsigned integer: by the digits below the zone, 0 to 6, the coarsest first; below a pentagon the first digit that is not 0 is never 1.',
    },
    zoneIdText: {
      pattern: '^8[0-9a-f]{14}$',
      description:
        'The id in lower-case hexadecimal. The pattern is necessary, not sufficient: base cell, digits and pentagons are checked too.',
      examples: ['8001fffffffffff', '8740d348bffffff'],
    },
    zoneIdUint64: { maxLevel: H3_ID_LAYOUT.maxLevel, description: 'The H3 index, which carries its level.' },
    levels: H3_LEVELS,
  },
  beidou2d: {
    id: 'beidou2d',
    title: { zh: '北斗网格位置码（二维）', en: 'BeiDou grid location code, two-dimensional' },
    description: {
      zh: '国家标准 GB/T 39409-2020 的二维经纬网格，共十级，从 6°×4° 到 1/2048″；南北纬 88° 以上的极区只支持第一、二级。',
      en: 'The grid of longitude and latitude of GB/T 39409-2020 in ten levels, 6 x 4 degrees to 1/2048 arc-second. The caps beyond 88 degrees have levels 1 and 2 only.',
    },
    uri: 'urn:jingwei:dggrs:beidou2d',
    crs: CRS84,
    standard: 'GB/T 39409-2020',
    zoneShape: 'lon-lat-box',
    nestsInSpace: true,
    minRefinementLevel: 1,
    maxRefinementLevel: beidouLevels.length,
    defaultDepth: 1,
    maxRelativeDepth: relativeDepth(ratiosOf(BEIDOU_2D_LEVELS)),
    subZoneOrder: {
      name: 'ascending-id',
      description:
        'By packed code as an unsigned integer, level by level: by column, then row, both counted away from the prime meridian and the equator; at levels 3 and 6 by row, then column, as their one digit is. Not the raster order of the parent.',
    },
    zoneIdText: {
      pattern:
        '^[NS](?:000(?:[0-3]{2})?|(?:0[1-9]|[1-5][0-9]|60)[A-V](?:[0-9AB][0-7](?:[0-5](?:[0-9A-E][0-9](?:[0-9A-E]{2}(?:[0-3](?:[0-7]{2}){0,4})?)?)?)?)?)$',
      description:
        'Canonical text, upper case, no separators; a prefix is the parent. The pattern is necessary and sufficient.',
      examples: ['N48I', 'N48I570748C', 'S00021'],
    },
    zoneIdUint64: {
      maxLevel: beidouLevels.length - 1,
      description:
        'The packed code with its level in the lowest six bits, levels 1 to 9. Level 10 fills all 64 bits and needs its level beside it.',
    },
    levels: BEIDOU_2D_LEVELS,
  },
  beidou3d: {
    id: 'beidou3d',
    title: { zh: '北斗网格位置码（三维）', en: 'BeiDou grid location code, three-dimensional' },
    description: {
      zh: '在二维网格上加高度层（大地高，椭球面以上），层厚随高度增加；不含极区。层号有附录 C 与第 6 章两种编码，默认附录 C。',
      en: 'The two-dimensional grid with layers of geodetic height, which thicken upwards; without the polar caps. Layers are numbered as annex C (the default) or clause 6 has it.',
    },
    uri: 'urn:jingwei:dggrs:beidou3d',
    crs: 'http://www.opengis.net/def/crs/OGC/0/CRS84h',
    standard: 'GB/T 39409-2020, clause 6 and annex C',
    zoneShape: 'lon-lat-height-box',
    nestsInSpace: true,
    minRefinementLevel: 1,
    maxRefinementLevel: beidouLevels.length,
    defaultDepth: 1,
    maxRelativeDepth: relativeDepth(ratiosOf(BEIDOU_3D_LEVELS)),
    subZoneOrder: {
      name: 'ascending-id-then-floor',
      description: 'By packed 2D code, then by floor, the lowest first.',
    },
    zoneIdText: {
      pattern: '^[NS](?=[01])[0-9A-V]{6}(?:[0-9A-F]{3,25})?$',
      description:
        'The 2D text with the digits of the layer woven in, lengths 7 10 12 15 18 20 23 26 29 32. The pattern is necessary, not sufficient.',
      examples: ['N048I00', 'N048I00570007408CF30207557600072'],
    },
    zoneIdUint64: null,
    levels: BEIDOU_3D_LEVELS,
  },
};
