import type { Map as BaseMap } from 'maplibre-gl';
import { type ReactElement, useEffect, useState } from 'react';
import { freshness } from '../engine/age.ts';
import type { County } from '../engine/county.ts';
import { eventTitle } from '../engine/event-title.ts';
import { age, groupedBeidou, likelyDigits, lonLatText, number } from '../engine/format.ts';
import { gridOf, zoneTextAt } from '../engine/grids.ts';
import { type Mark as MapMark, nearestMark } from '../engine/hit-test.ts';
import { seenZoom, wallFactor } from '../engine/level.ts';
import { type Store, useStore } from '../engine/store.ts';
import { writtenUnit } from '../engine/units.ts';
import { useText } from '../i18n/index.ts';
import { markPixels } from '../layers/thing-points.ts';
import type { EventAnswer, FeatureAnswer, ThingAnswer } from '../schema/api.ts';
import { type BoardContextValue, useBoard, useLocal, useNow } from './board-context.ts';
import { isShown } from './draw-board.ts';
import { Mark } from './glyphs.tsx';

/** Where the pointer is: CSS pixels in the map, degrees under it. */
export interface Hover {
  readonly x: number;
  readonly y: number;
  readonly lon: number;
  readonly lat: number;
  readonly zoom: number;
}

type Hit =
  | { readonly kind: 'thing'; readonly thing: ThingAnswer }
  | { readonly kind: 'event'; readonly event: EventAnswer }
  | { readonly kind: 'feature'; readonly feature: FeatureAnswer };

/** The mark under the pointer among the layers that are drawn. */
export function markUnder({ desk, board, view }: BoardContextValue, at: Hover): Hit | null {
  const marks: MapMark<Hit>[] = [];
  const put = (item: Hit, lonLat: readonly [number, number] | null): void => {
    if (lonLat) marks.push({ item, lonLat });
  };
  for (const layer of board.map.layers) {
    if (!isShown(layer, view.get())) continue;
    if (layer.type === 'feature-points') {
      const types = new Set(layer.featureTypes);
      for (const feature of desk.features.get())
        if (types.size === 0 || types.has(feature.featureType))
          put({ kind: 'feature', feature }, feature.lonLat);
    } else if (layer.type === 'thing-points' || layer.type === 'camera-views') {
      const categories = new Set(layer.type === 'camera-views' ? ['camera'] : layer.categories);
      for (const thing of desk.things.get())
        if (categories.size === 0 || categories.has(thing.category))
          put({ kind: 'thing', thing }, thing.lonLat);
    } else if (layer.type === 'event-points') {
      const types = new Set(layer.eventTypes);
      for (const event of desk.events.get() ?? [])
        if (types.size === 0 || types.has(event.eventType)) put({ kind: 'event', event }, event.lonLat);
    }
  }
  const wall = wallFactor();
  return nearestMark(
    marks,
    [at.lon, at.lat],
    at.zoom,
    markPixels('bus', seenZoom(at.zoom, wall), wall) * 0.65,
  );
}

/** A small card beside the pointer for the mark under it. */
export function HoverTip({ at }: { readonly at: Store<Hover | null> }): ReactElement | null {
  const context = useBoard();
  const hover = useStore(at);
  const hit = hover ? markUnder(context, hover) : null;
  if (!hover || !hit) return null;
  return (
    <div className="tip" style={{ transform: `translate(${hover.x}px, ${hover.y}px)` }} aria-hidden="true">
      <div className="tip-card">
        {hit.kind === 'thing' ? <ThingTip thing={hit.thing} /> : null}
        {hit.kind === 'event' ? <EventTip event={hit.event} /> : null}
        {hit.kind === 'feature' ? <FeatureTip feature={hit.feature} /> : null}
      </div>
    </div>
  );
}

function ThingTip({ thing }: { readonly thing: ThingAnswer }): ReactElement {
  const { desk, city } = useBoard();
  const t = useText();
  const local = useLocal();
  const now = useNow(desk);
  const fresh = freshness(thing.newestPhenomenonTime, now, thing.periodMs);
  return (
    <>
      <p className="tip-name">
        <Mark kind={thing.category} /> {local(thing.name)}
      </p>
      {fresh === 'live' || fresh === 'stale'
        ? thing.latest.map((l) => {
            const property = city.properties.find((p) => p.id === l.property);
            return (
              <p key={l.property} className={fresh === 'stale' ? 'grey' : ''}>
                {property ? local(property.name) : l.property}{' '}
                <b>{number(l.value, likelyDigits(l.value), t.lang)}</b>
                {`\u2009${writtenUnit(l.unit, t.lang)}`}
              </p>
            );
          })
        : null}
      <p className="tip-foot">
        {t.category[thing.category] ?? thing.category} ·{' '}
        {thing.newestPhenomenonTime === null ? t.state.empty : age(thing.newestPhenomenonTime, now, t.lang)}
        {fresh === 'live' || fresh === 'none' ? '' : ` · ${t.state[fresh]}`}
      </p>
    </>
  );
}

function EventTip({ event }: { readonly event: EventAnswer }): ReactElement {
  const { desk } = useBoard();
  const t = useText();
  const now = useNow(desk);
  return (
    <>
      <p className="tip-name">
        <Mark kind={event.eventType} /> {eventTitle(event, t)}
      </p>
      <p className="tip-foot">
        {t.eventType[event.eventType] ?? event.eventType} · {age(event.start, now, t.lang)}
        {event.status ? ` · ${t.events[event.status]}` : ''}
      </p>
    </>
  );
}

function FeatureTip({ feature }: { readonly feature: FeatureAnswer }): ReactElement {
  const t = useText();
  return (
    <>
      <p className="tip-name">
        <Mark kind={feature.featureType} /> {feature.name ?? feature.id}
      </p>
      <p className="tip-foot">{t.featureType[feature.featureType] ?? feature.featureType}</p>
    </>
  );
}

/** BeiDou levels whose cells are of like size to an H3 level's, by the eye: enough for a readout. */
const BEIDOU_FOR_H3 = [1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 6, 7, 7] as const;

/** Place, coordinates, BeiDou code and value under the pointer; of the map's centre while there is none. */
export function Readout({
  at,
  map,
  level,
  countyOf,
}: {
  readonly at: Store<Hover | null>;
  readonly map: BaseMap;
  readonly level: number;
  readonly countyOf: (lon: number, lat: number) => County | null;
}): ReactElement {
  const { desk, view, board, city } = useBoard();
  const t = useText();
  const local = useLocal();
  const { dggrs, zoneLayer } = useStore(view);
  useStore(desk.zonesChanged);
  const hover = useStore(at);
  const centre = useCentre(map);
  const [lon, lat] = hover ? [hover.lon, hover.lat] : centre;
  const county = countyOf(lon, lat);
  const beidou = zoneTextAt('beidou2d', lon, lat, dggrs === 'beidou2d' ? level : (BEIDOU_FOR_H3[level] ?? 4));
  const layer = board.map.layers.find((l) => l.id === zoneLayer);
  const row = rowAt(desk.zones, lon, lat);
  const property =
    layer?.type === 'zone-fill' ? city.properties.find((p) => p.id === layer.property) : undefined;
  return (
    <div className="readout" data-testid="readout">
      <b>{county ? local(county.name) : t.map.outside}</b>
      <span>{lonLatText(lon, lat)}</span>
      {beidou ? (
        <span>
          {t.map.beidou2d} <code>{groupedBeidou(beidou)}</code>
        </span>
      ) : null}
      {layer ? (
        <span className="readout-value">
          {row === null
            ? t.map.noValue
            : `${number(row, likelyDigits(row), t.lang)}\u2009${writtenUnit(property?.unit ?? '', t.lang)}`}
        </span>
      ) : null}
    </div>
  );
}

function rowAt(zones: BoardContextValue['desk']['zones'], lon: number, lat: number): number | null {
  const { key } = zones;
  if (!key) return null;
  try {
    const row = zones.rowOf(gridOf(key.dggrs).encode(lon, lat, key.level));
    return row < 0 ? null : (zones.mean[row] as number);
  } catch {
    return null;
  }
}

function useCentre(map: BaseMap): readonly [number, number] {
  const read = (): readonly [number, number] => [map.getCenter().lng, map.getCenter().lat];
  const [centre, setCentre] = useState(read);
  useEffect(() => {
    const moved = (): void => setCentre([map.getCenter().lng, map.getCenter().lat]);
    map.on('moveend', moved);
    return () => {
      map.off('moveend', moved);
    };
  }, [map]);
  return centre;
}
