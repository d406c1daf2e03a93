import { toCgcs2000 } from '../../grid/index.ts';
import {
  BEIDOU_POINT_LEVEL,
  H3_POINT_LEVEL,
  NO_ZONE,
  type ThingDeclaration,
} from '../../ingest/model/index.ts';
import type { StoreState } from '../store/state.ts';
import { gridOf } from '../zones.ts';

/** Where a Thing is: its point ids and its position, and since when it is known to be there (null: as declared). */
export interface Place {
  readonly h3: bigint;
  readonly beidou: bigint;
  readonly lonLat: readonly [number, number];
  readonly since: number | null;
}

/** Centre of a point-level BeiDou code, 1.5 cm across; null for `NO_ZONE`. */
export function lonLatOf(beidou: bigint): readonly [number, number] | null {
  return beidou === NO_ZONE ? null : gridOf('beidou2d').centre(beidou, BEIDOU_POINT_LEVEL);
}

/** The place its newest located reading gave, else the declared one, else null. */
export function placeOf(state: StoreState, thing: ThingDeclaration): Place | null {
  const { latest } = state;
  let newest = -1;
  for (const stream of state.dictionary.datastreamsOfThing(thing.id)) {
    if (!latest.has(stream.id) || latest.beidou[stream.id] === NO_ZONE) continue;
    if (newest === -1 || latest.time[stream.id]! > latest.time[newest]!) newest = stream.id;
  }
  if (newest !== -1) {
    const beidou = latest.beidou[newest]!;
    return { h3: latest.h3[newest]!, beidou, lonLat: lonLatOf(beidou)!, since: latest.time[newest]! };
  }
  return thing.position === undefined ? null : declaredPlace(thing.position);
}

function declaredPlace(position: NonNullable<ThingDeclaration['position']>): Place | null {
  const { lonDeg, latDeg } = toCgcs2000({
    datum: position.datum,
    lonDeg: position.lonDeg,
    latDeg: position.latDeg,
  });
  try {
    return {
      h3: gridOf('h3').encode(lonDeg, latDeg, H3_POINT_LEVEL),
      beidou: gridOf('beidou2d').encode(lonDeg, latDeg, BEIDOU_POINT_LEVEL),
      lonLat: [lonDeg, latDeg],
      since: null,
    };
  } catch {
    // A place in the polar caps has no BeiDou code at the point level: on no map of ours.
    return null;
  }
}
