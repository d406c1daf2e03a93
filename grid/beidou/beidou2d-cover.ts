/**
 * Which BeiDou zones stand for a geometry, listed at one level or compacted over several.
 *
 * `intersects` is exactly the zones its positions encode to, up to 4e-6 unit (0.06 micrometre) on slanted edges, where doubt includes the
 * zone. `within` and `centre` take what is off by less than 1e-5 unit as touching: edges drawn along cell borders count as such. Parts of
 * a multipolygon are taken each by itself: a zone half in one and half in another is within neither.
 */
import { tooManyZones } from '../checks.ts';
import type { CoverMode, ZoneSet } from '../codec.ts';
import { sortZones } from '../cover/sort-zones.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { countCells } from '../geometry/row-runs.ts';
import { packCell } from './beidou2d-cell.ts';
import { compactRuns, type KeptRuns } from './beidou2d-compact-runs.ts';
import { coverLevel, type LevelCover } from './beidou2d-level-cover.ts';
import { writeRuns } from './beidou2d-list.ts';
import { polarCells } from './beidou2d-polar.ts';

interface PolarZone {
  readonly zone: bigint;
  readonly level: number;
}

/**
 * Zones of `level` that stand for the geometry, ascending.
 * @throws {GridError} `too-many-zones` with the count or an estimate; `polar-unsupported` when it reaches |lat| >= 88 degrees
 * below level 2; `geometry-invalid`.
 */
export function coverBeidou2d(
  geometry: GridGeometry,
  level: number,
  maxZones: number,
  mode: CoverMode = 'intersects',
): readonly bigint[] {
  const { runs, polar } = coverLevel(geometry, level, mode, maxZones);
  const count = countCells(runs) + polar.length;
  if (count > maxZones) throw tooManyZones(`level ${level} in this geometry`, count, maxZones, false);
  const zones = new BigUint64Array(count);
  zones.set(polar, writeRuns(runs, level, zones, 0));
  sortZones(zones);
  return Array.from(zones);
}

/**
 * The same zones with every complete family replaced by its parent, again and again, and never listed at the fine level.
 * @throws {GridError} as `coverBeidou2d`; `maxZones` bounds the compacted zones.
 */
export function coverCompactBeidou2d(
  geometry: GridGeometry,
  level: number,
  maxZones: number,
  mode: CoverMode = 'intersects',
): ZoneSet {
  const cover = coverLevel(geometry, level, mode);
  const kept = compactRuns(cover.runs, level);
  const polar = compactPolar(cover);
  const count = polar.length + kept.reduce((sum, { runs }) => sum + countCells(runs), 0);
  if (count > maxZones) {
    throw tooManyZones(`a compacted cover from level ${level} up`, count, maxZones, false);
  }
  return listKept(kept, polar, count);
}

/** Polar cells with a cap replaced by its level-1 zone where all sixteen of its cells are there. */
function compactPolar({ polar, level }: LevelCover): readonly PolarZone[] {
  if (level !== 2) return polar.map((zone) => ({ zone, level }));
  return [false, true].flatMap((south) => {
    const own = polar.filter((zone) => (zone >> 63n === 1n) === south);
    if (own.length < polarCells(south, 2).length) return own.map((zone) => ({ zone, level }));
    return polarCells(south, 1).map((cell) => ({ zone: packCell(cell), level: 1 }));
  });
}

function listKept(kept: readonly KeptRuns[], polar: readonly PolarZone[], count: number): ZoneSet {
  const zones = new BigUint64Array(count);
  const levels = new Uint8Array(count);
  let at = 0;
  for (const { level, runs } of kept) {
    const end = writeRuns(runs, level, zones, at);
    levels.fill(level, at, end);
    at = end;
  }
  polar.forEach(({ zone, level }, n) => {
    zones[at + n] = zone;
    levels[at + n] = level;
  });
  sortZones(zones, levels);
  return { zones, levels };
}
