import type { StoreInternals } from '../store/internals.ts';
import { gridOf } from '../zones.ts';
import type { ZoneDossier } from './answers.ts';
import { checkSpan } from './checks.ts';
import { gatherInside } from './inside.ts';
import { QueryError } from './query-error.ts';
import type { AskedZone, Scope } from './scope.ts';
import type { DossierQuery, GridId } from './shapes.ts';

const HOUR_MS = 3_600_000;
const MAX_HOURS = 24 * 366;

/** One zone of any level, one file: everything in it, by kind, at the precision each has, with a short series a property. */
export async function queryDossier(
  internals: StoreInternals,
  scope: Scope,
  query: DossierQuery,
): Promise<ZoneDossier> {
  const zone = scope.zone(query);
  const span =
    query.span === undefined ? lastHours(internals.clock(), query.hours ?? 24) : checkSpan(query.span);
  const area = { kind: 'zones', dggrs: query.dggrs, zones: [zone] } as const;
  return { ...geometryOf(zone), ...(await gatherInside(internals, scope, area, span)) };
}

function lastHours(now: number, hours: number) {
  if (!Number.isFinite(hours) || hours <= 0 || hours > MAX_HOURS) {
    throw new QueryError('span-invalid', `Cannot look back ${hours} hours: at most ${MAX_HOURS}`);
  }
  // Clocks of devices may be a little ahead; what they reported belongs to "now".
  return { from: now - hours * HOUR_MS, to: now + HOUR_MS };
}

function geometryOf({ dggrs, zone, level }: AskedZone) {
  const grid = gridOf(dggrs);
  const centre = grid.centre(zone, level);
  const areaM2 = grid.areaM2(zone, level);
  const id = grid.format(zone, level);
  const like = (other: GridId) => (other === dggrs ? id : likeZone(other, centre, areaM2));
  return {
    dggrs,
    id,
    level,
    centre,
    boundary: grid.boundary(zone, level),
    areaM2,
    beidou: like('beidou2d'),
    h3: like('h3'),
  };
}

/** The zone of another grid at the same centre whose area is nearest, by ratio. */
function likeZone(dggrs: GridId, centre: readonly [number, number], areaM2: number): string {
  const grid = gridOf(dggrs);
  let best = '';
  let bestRatio = Number.POSITIVE_INFINITY;
  for (let level = grid.minLevel; level <= grid.pointLevel; level++) {
    try {
      const zone = grid.encode(centre[0], centre[1], level);
      const ratio = Math.abs(Math.log(grid.areaM2(zone, level) / areaM2));
      if (ratio < bestRatio) {
        bestRatio = ratio;
        best = grid.format(zone, level);
      }
    } catch {
      // A grid may refuse a level here (the polar caps): another level will do.
    }
  }
  return best;
}
