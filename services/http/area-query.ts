/** Where a question asks, as parameters: a box, a polygon, zones, a division of the city, or a distance from a position. */
import { z } from 'zod';
import type { AreaGeometry, AreaRef } from '../../analytics/index.ts';
import { HttpProblem } from '../problem.ts';
import { bbox, zoneRef } from './query.ts';

/** Longest polygon in an address, characters: an address has 16 KiB. Longer ones go in the body of `POST /api/v1/query/{shape}`. */
const MAX_POLYGON_TEXT = 4_000_000;
const MAX_ZONES = 1_000;

/** A position: `lon,lat` in degrees. */
export const lonLat = z
  .string()
  .max(100)
  .transform((text, context): readonly [number, number] => {
    const [lon, lat, ...rest] = text
      .split(',')
      .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    if (rest.length === 0 && Math.abs(lon!) <= 180 && Math.abs(lat ?? Number.NaN) <= 90) return [lon!, lat!];
    context.addIssue({ code: 'custom', message: 'must be "lon,lat" in degrees' });
    return z.NEVER;
  });

/** A number of metres, 0 or more. */
export const metres = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be a number of metres, 0 or more')
  .transform(Number);

const polygon = z
  .string()
  .max(MAX_POLYGON_TEXT)
  .transform((text, context): AreaGeometry => {
    let read: unknown;
    try {
      read = JSON.parse(text);
    } catch {
      read = null;
    }
    const type = (read as { readonly type?: unknown } | null)?.type;
    // What its coordinates are worth the query shapes judge.
    if (type === 'Polygon' || type === 'MultiPolygon') return read as AreaGeometry;
    context.addIssue({ code: 'custom', message: 'must be a GeoJSON Polygon or MultiPolygon' });
    return z.NEVER;
  });

const zones = z
  .union([z.string().max(MAX_ZONES * 64), z.array(z.string().max(128)).max(MAX_ZONES)])
  .transform((value) => (Array.isArray(value) ? value : [value]).flatMap((text) => text.split(',')))
  .pipe(z.array(zoneRef).min(1).max(MAX_ZONES));

/** Parameters of any question that takes an area. */
export const areaParameters = {
  bbox: bbox.optional(),
  polygon: polygon.optional(),
  zones: zones.optional(),
  division: z.string().min(1).max(64).optional(),
  near: lonLat.optional(),
  within: metres.optional(),
};

export interface AreaParameters {
  readonly bbox?: readonly [number, number, number, number] | undefined;
  readonly polygon?: AreaGeometry | undefined;
  readonly zones?: readonly { readonly dggrs: 'h3' | 'beidou2d'; readonly id: string }[] | undefined;
  readonly division?: string | undefined;
  readonly near?: readonly [number, number] | undefined;
  readonly within?: number | undefined;
}

/**
 * The area of a question; undefined for none.
 *
 * @throws {HttpProblem} 400 `invalid-query` for more than one, and for half a circle.
 */
export function areaOf(query: AreaParameters): AreaRef | undefined {
  const { near, within } = query;
  if ((near === undefined) !== (within === undefined)) {
    throw invalid(near === undefined ? '"within" needs "near"' : '"near" needs "within"');
  }
  const areas: AreaRef[] = [
    ...(query.bbox === undefined ? [] : [{ bbox: query.bbox }]),
    ...(query.polygon === undefined ? [] : [{ polygon: query.polygon }]),
    ...(query.zones === undefined ? [] : [{ zones: query.zones }]),
    ...(query.division === undefined ? [] : [{ division: query.division }]),
    ...(near === undefined || within === undefined ? [] : [{ circle: { lonLat: near, radiusM: within } }]),
  ];
  if (areas.length > 1) {
    throw invalid('one area at most: "bbox", "polygon", "zones", "division" or "near" with "within"');
  }
  return areas[0];
}

/** As a member of a question, left out where there is none. */
export function areaMember(query: AreaParameters): { readonly area?: AreaRef } {
  const area = areaOf(query);
  return area === undefined ? {} : { area };
}

function invalid(why: string): HttpProblem {
  return new HttpProblem(400, 'invalid-query', `The query is not valid: ${why}`);
}
