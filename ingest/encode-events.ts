import { contentHash, encodePlace, sortedJson } from './encode-shared.ts';
import type { LocateGrids } from './locate/grids.ts';
import { isCoarse } from './locate/precision.ts';
import { type EpochMs, type EventItem, type LocatedEvent, QUALITY } from './model/index.ts';

/** Locates one version of an event. `updated` falls back to the arrival; everything else decides the content hash. */
export function encodeEvent(
  item: EventItem,
  record: number,
  receivedAt: EpochMs,
  grids: LocateGrids,
): LocatedEvent {
  const place = encodePlace(item.position, grids);
  const content = {
    dataset: item.dataset,
    key: item.key,
    eventType: item.eventType,
    category: item.category,
    ...(item.thing === undefined ? {} : { thing: item.thing }),
    start: item.start,
    ...(item.end === undefined ? {} : { end: item.end }),
    ...(item.status === undefined ? {} : { status: item.status }),
    ...(item.title === undefined ? {} : { title: item.title }),
    attributes: sortedJson(item.attributes),
    ...place,
    positionMethod: item.position === undefined ? ('none' as const) : item.positionMethod,
    quality: (item.flags ?? 0) | (isCoarse(item.position?.precisionM) ? QUALITY.coarsePlace : 0),
  };
  return { record, ...content, updated: item.updated ?? receivedAt, contentHash: contentHash(content) };
}
