import { type LocatedEvent, type LocatedFeature, NO_ZONE } from '../../ingest/model/index.ts';
import type { Attributes, EventAnswer } from '../query/answers.ts';
import type { Cell } from './append-rows.ts';
import { hashOf, keyHash } from './versions.ts';

/** A row of `event` or `event_version`, in the order of the columns. */
export function eventRow(event: LocatedEvent, datasetId: number, seq: number): readonly Cell[] {
  return [
    seq,
    datasetId,
    keyHash(event.dataset, event.key),
    event.key,
    event.eventType,
    event.category,
    event.thing ?? null,
    event.start,
    event.end ?? null,
    event.updated,
    event.status ?? null,
    event.title ?? null,
    event.attributes,
    event.lonDeg ?? null,
    event.latDeg ?? null,
    event.h3,
    event.beidou,
    event.heightM ?? null,
    event.precisionM ?? null,
    event.positionMethod,
    event.quality,
    hashOf(event),
  ];
}

/** A row of `feature` or `feature_version`, in the order of the columns. */
export function featureRow(
  feature: LocatedFeature,
  id: number,
  datasetId: number,
  seq: number,
): readonly Cell[] {
  return [
    seq,
    id,
    datasetId,
    keyHash(feature.dataset, feature.key),
    feature.key,
    feature.featureType,
    feature.name ?? null,
    feature.layer,
    feature.attributes,
    feature.geometry ?? null,
    feature.lonDeg ?? null,
    feature.latDeg ?? null,
    feature.h3,
    feature.beidou,
    feature.positionMethod,
    feature.quality,
    feature.validFrom,
    hashOf({ ...feature, updated: feature.validFrom }),
  ];
}

/** The event as answered to somebody who may see everything. */
export function eventAnswer(event: LocatedEvent): EventAnswer {
  const located = event.lonDeg !== undefined && event.latDeg !== undefined && event.h3 !== NO_ZONE;
  return {
    id: `${event.dataset}/${event.key}`,
    dataset: event.dataset,
    eventType: event.eventType,
    category: event.category,
    title: event.title ?? null,
    thing: event.thing ?? null,
    status: event.status ?? null,
    start: Math.round(event.start),
    end: event.end === undefined ? null : Math.round(event.end),
    updated: Math.round(event.updated),
    lonLat: located ? [event.lonDeg, event.latDeg] : null,
    positionMethod: event.positionMethod,
    precisionM: event.precisionM ?? null,
    attributes: readAttributes(event.attributes),
  };
}

/** The JSON object text of an event's or a feature's attributes. */
export function readAttributes(text: string): Attributes {
  return JSON.parse(text) as Attributes;
}
