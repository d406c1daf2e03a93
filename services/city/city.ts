/** The city declaration: what the place is called, where it lies, and outlines to find one's way by. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Division } from '../../analytics/index.ts';
import { ConfigError } from '../config.ts';

const local = z.strictObject({ en: z.string().min(1).max(200), zh: z.string().min(1).max(200) });
const lonLat = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);
const ring = z
  .array(lonLat)
  .min(4)
  .refine(
    (points) => points[0]![0] === points.at(-1)![0] && points[0]![1] === points.at(-1)![1],
    'must be closed',
  );

/** Outlines as GeoJSON (RFC 7946), CGCS2000 degrees. */
const outlines = z.strictObject({
  type: z.literal('FeatureCollection'),
  features: z
    .array(
      z.strictObject({
        type: z.literal('Feature'),
        properties: z.looseObject({
          code: z.string(),
          nameEn: z.string(),
          nameZh: z.string(),
          seat: lonLat.optional(),
        }),
        geometry: z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('Polygon'), coordinates: z.array(ring).min(1) }),
          z.strictObject({
            type: z.literal('MultiPolygon'),
            coordinates: z.array(z.array(ring).min(1)).min(1),
          }),
        ]),
      }),
    )
    .max(1000),
});

/** The file that `JINGWEI_CITY` names. */
export const citySchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  name: local,
  /** IANA zone. */
  timezone: z.string(),
  centre: lonLat,
  /** [west, south, east, north] degrees. */
  bounds: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  /** True: the outlines are a drawing, not boundaries, and every screen says so. */
  schematic: z.boolean(),
  /** What a person should know of the outlines. */
  note: z.strictObject({ en: z.string(), zh: z.string() }),
  outlines,
});
export type City = z.output<typeof citySchema>;

/** The declaration that ships: Dingxi, with outlines of our own drawing. */
export const SHIPPED_CITY = fileURLToPath(new URL('./dingxi.json', import.meta.url));

/**
 * Reads a city declaration.
 *
 * @throws {ConfigError} The file is missing, no JSON, or not valid; each problem names its place in the file.
 */
export function loadCity(path: string = SHIPPED_CITY): City {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError([
      `city "${path}" cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
  const result = citySchema.safeParse(read);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map((issue) => `city "${path}": ${issue.path.join('.')}: ${issue.message}`),
  );
}

/** The divisions that questions may name by their code: those of the outlines. */
export function divisionsOf({ outlines }: City): readonly Division[] {
  return outlines.features.map(({ properties, geometry }) => ({
    code: properties.code,
    name: { en: properties.nameEn, zh: properties.nameZh },
    geometry,
  }));
}
