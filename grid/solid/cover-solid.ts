/** Solids as sets of 3D zones: at one level, or compacted over several. */
import { beidou2d } from '../beidou/beidou2d.ts';
import type { HeightCoding } from '../beidou/beidou3d.ts';
import { LAYER_THICKNESS } from '../beidou/beidou3d-layers.ts';
import { checkLevel, tooManyZones } from '../checks.ts';
import type { CoverMode } from '../codec.ts';
import { GridError, isGridError } from '../errors.ts';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import type { SolidZoneSet } from '../solid.ts';
import { compactRuns } from './compact-solid.ts';
import { layerSpan } from './layer-span.ts';
import { representativeOfSolid } from './representative-solid.ts';
import { countZones, SolidRuns, sortRuns, toSolidZoneSet } from './solid-runs.ts';
import {
  checkMeasure,
  checkSolid,
  type DrapedSolid,
  type ExtrudedSolid,
  groundAt,
  prismOfBox,
  type Solid,
} from './solid-shape.ts';
import { type CoverTask, coverTube, polarSolid } from './tube-cover.ts';

/** Most solid zones of a cover unless asked otherwise: a run takes 17 bytes, so 17 MB at the very worst. */
export const SOLID_ZONES_MAX = 1_000_000;

/** What a cover of a solid is made for. */
export interface SolidCoverOptions {
  /** Level of the zones, 1..10. */
  readonly level: number;
  /** Default `intersects`. */
  readonly mode?: CoverMode;
  /** Default `annexC`. */
  readonly heightCoding?: HeightCoding;
  /** With it the set is compacted: complete sets of children become their parent, up to this level. Default: `level`, not compacted. */
  readonly coarsestLevel?: number;
  /** Bound on the solid zones of the answer, and on the runs at `level` while it is made. Default `SOLID_ZONES_MAX`. */
  readonly maxZones?: number;
}

/**
 * The 3D zones of `level` that stand for a solid, or for several together (a network of pipes).
 *
 * - `intersects`: every zone that shares a position with the solid; never empty for a solid that is not. Pipes and strips may count
 *   a zone that lies beyond by less than 0.1 % of the radius.
 * - `within`: zones that lie in the solid with their whole volume. Of pipes and strips those that lie in one straight piece: what
 *   only two pieces fill together at a bend is left out.
 * - `centre`: zones whose centre lies in the solid, and at least one for each solid.
 *
 * ```ts
 * const tower = coverSolid(
 *   { kind: 'box', box: [104.626, 35.58, 1890, 104.6265, 35.5804, 1980] },
 *   { level: 8, coarsestLevel: 5 },
 * );
 * tower.zones.length; // runs, each a column of whole layers
 * ```
 * @throws {GridError} `too-many-zones`, `polar-unsupported` (all of |lat| >= 88 degrees), `geometry-invalid`, `height-invalid`,
 * `level-out-of-range`.
 */
export function coverSolid(solid: Solid | readonly Solid[], options: SolidCoverOptions): SolidZoneSet {
  const { level, mode = 'intersects', heightCoding = 'annexC', maxZones = SOLID_ZONES_MAX } = options;
  const coarsestLevel = options.coarsestLevel ?? level;
  checkLevel('beidou3d', level, beidou2d.minLevel, beidou2d.maxLevel);
  checkLevel('beidou3d', coarsestLevel, beidou2d.minLevel, level);
  const thickness = LAYER_THICKNESS[heightCoding];
  const compacts = coarsestLevel < level;
  const refuse = (count: number, estimated: boolean): GridError =>
    tooManyZones(`a solid at level ${level}`, count, maxZones, estimated);

  // Runs of joints count twice until they are sorted; so look again only when many have come.
  let ask = 2 * maxZones + 1024;
  const task: CoverTask = {
    level,
    mode,
    coding: heightCoding,
    runs: new SolidRuns(),
    check: () => {
      if (task.runs.length < ask) return;
      task.runs = sortRuns(task.runs);
      if (task.runs.length > maxZones) throw refuse(task.runs.length, true);
      ask = task.runs.length + maxZones + 1024;
    },
    foresee: (zones) => {
      if (zones > maxZones) throw refuse(zones, true);
    },
  };
  for (const one of isSeveral(solid) ? solid : [solid]) {
    const added = coverOne(one, task, maxZones, compacts);
    if (added === 0 && mode === 'centre') coverRepresentative(one, task);
    task.check();
  }
  let sorted = sortRuns(task.runs);
  if (compacts) {
    if (sorted.length > maxZones) throw refuse(sorted.length, false);
    sorted = compactRuns(sorted, level, coarsestLevel, thickness);
  }
  const count = countZones(sorted, thickness);
  if (count > maxZones) throw refuse(count, false);
  return toSolidZoneSet(sorted, heightCoding);
}

function isSeveral(solid: Solid | readonly Solid[]): solid is readonly Solid[] {
  return Array.isArray(solid);
}

/** @returns Number of runs added. */
function coverOne(solid: Solid, task: CoverTask, maxZones: number, compacts: boolean): number {
  checkSolid(solid);
  switch (solid.kind) {
    case 'pipe':
    case 'strip':
      return coverTube(solid, task);
    case 'draped':
      return coverDraped(solid, task, maxZones);
    case 'box':
      return coverPrism(prismOfBox(solid), task, maxZones, compacts);
    default:
      return coverPrism(solid, task, maxZones, compacts);
  }
}

/** The zone of one position of the solid: what stays by `centre` of a solid too small or thin to hold the centre of any zone. */
function coverRepresentative(solid: Solid, { level, coding, runs }: CoverTask): void {
  const position = representativeOfSolid(solid);
  if (position === undefined) return;
  const [lonDeg, latDeg, heightM] = position;
  const words = wordsOf(BigUint64Array.of(beidou2d.encode(lonDeg, latDeg, level)));
  const high = words[HIGH_WORD]!;
  if (isPolar(high)) throw polarSolid();
  const { floor, top } = layerSpan(heightM, heightM, level, coding, 'intersects')!;
  runs.addWords(high, words[1 - HIGH_WORD]!, level, floor, top);
}

/** Is this the high word of a zone of a polar cap? */
function isPolar(high: number): boolean {
  return ((high >>> 25) & 63) === 0;
}

function coverPrism(
  { footprint, floorM, topM }: ExtrudedSolid,
  { level, mode, coding, runs }: CoverTask,
  maxZones: number,
  compacts: boolean,
): number {
  let span = layerSpan(floorM, topM, level, coding, mode);
  if (span === undefined && mode === 'centre') {
    const middle = (floorM + topM) / 2;
    span = layerSpan(middle, middle, level, coding, 'intersects');
  }
  if (span === undefined) return 0;
  const layers = (span.top - span.floor) / LAYER_THICKNESS[coding][level]!;
  const maxFlat = compacts ? maxZones : Math.floor(maxZones / layers);
  const zones = flatCover(footprint, level, maxFlat, mode, layers, maxZones);
  const words = wordsOf(zones);
  for (let n = 0; n < zones.length; n += 1) {
    const high = words[2 * n + HIGH_WORD]!;
    if (isPolar(high)) throw polarSolid();
    runs.addWords(high, words[2 * n + 1 - HIGH_WORD]!, level, span.floor, span.top);
  }
  return zones.length;
}

/** Zone by zone: the layers between the lowest and the highest ground of its centre and corners. */
function coverDraped(
  { area, fromM, toM, groundM }: DrapedSolid,
  { level, mode, coding, runs }: CoverTask,
  maxZones: number,
): number {
  checkMeasure('thickness', toM - fromM);
  const zones = flatCover(area, level, maxZones, mode, 1, maxZones);
  const words = wordsOf(zones);
  let added = 0;
  zones.forEach((zone, n) => {
    const high = words[2 * n + HIGH_WORD]!;
    if (isPolar(high)) throw polarSolid();
    const [west, south, east, north] = beidou2d.bounds(zone, level);
    const centre = beidou2d.centre(zone, level);
    const asked = [centre, [west, south], [west, north], [east, south], [east, north]] as const;
    const heights = (mode === 'centre' ? [centre] : asked).map(([lon, lat]) => groundAt(groundM, lon, lat));
    const [lowest, highest] = [Math.min(...heights), Math.max(...heights)];
    const [low, top] = mode === 'within' ? [highest + fromM, lowest + toM] : [lowest + fromM, highest + toM];
    const span = low <= top ? layerSpan(low, top, level, coding, mode) : undefined;
    if (span === undefined) return;
    runs.addWords(high, words[2 * n + 1 - HIGH_WORD]!, level, span.floor, span.top);
    added += 1;
  });
  return added;
}

/** 2D cover of a footprint; a refusal speaks of solid zones. */
function flatCover(
  footprint: ExtrudedSolid['footprint'],
  level: number,
  maxFlat: number,
  mode: CoverMode,
  layers: number,
  maxZones: number,
): BigUint64Array {
  try {
    return BigUint64Array.from(beidou2d.cover(footprint, level, maxFlat, mode));
  } catch (error) {
    if (!isGridError(error, 'too-many-zones')) throw error;
    const message = `Cannot list zones of a solid at level ${level}: ${layers} layers, and in each: ${error.message} (${maxZones} solid zones)`;
    throw new GridError('too-many-zones', message, { cause: error });
  }
}
