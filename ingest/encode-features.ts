import { contentHash, encodePlace, sortedJson } from './encode-shared.ts';
import { coverSteps } from './locate/cover.ts';
import { locateGeometry, pointOn } from './locate/geometry.ts';
import type { LocateGrids } from './locate/grids.ts';
import type { Datum, EpochMs, FeatureItem, LocatedFeature } from './model/index.ts';
import type { Steps } from './turns.ts';

/** Locates one version of a feature: its geometry in CGCS2000, a point to stand on, and the zones that it touches. In pieces. */
export function* encodeFeature(
  item: FeatureItem,
  record: number,
  receivedAt: EpochMs,
  datum: Datum,
  grids: LocateGrids,
): Steps<LocatedFeature> {
  const geometry = item.geometry === undefined ? undefined : locateGeometry(item.geometry, datum, grids);
  const point = geometry === undefined ? undefined : pointOn(geometry);
  const { h3, beidou, ...lonLat } = encodePlace(
    point === undefined ? undefined : { lonDeg: point[0], latDeg: point[1], datum: 'cgcs2000' },
    grids,
  );
  const content = {
    dataset: item.dataset,
    key: item.key,
    featureType: item.featureType,
    ...(item.name === undefined ? {} : { name: item.name }),
    layer: item.layer,
    attributes: sortedJson(item.attributes),
    ...(geometry === undefined ? {} : { geometry: JSON.stringify(geometry) }),
    ...lonLat,
    h3,
    beidou,
    positionMethod: geometry === undefined ? ('none' as const) : ('own' as const),
    quality: item.flags ?? 0,
  };
  yield;
  // The cover follows from the geometry, and the moment of arrival is no part of what was said.
  const cover = geometry === undefined ? [] : yield* coverSteps(geometry, grids);
  return {
    record,
    ...content,
    cover,
    validFrom: receivedAt,
    contentHash: contentHash(content),
  };
}
