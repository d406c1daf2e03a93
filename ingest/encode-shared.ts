import { createHash } from 'node:crypto';
import { encodeOne } from './encode-observations.ts';
import type { LocateGrids } from './locate/grids.ts';
import { type LocatedPoint, locatePoint } from './locate/locate-point.ts';
import { BEIDOU_POINT_LEVEL, H3_POINT_LEVEL, NO_ZONE, type SourcePosition } from './model/index.ts';

/** A place with its two codes; only the codes, both NO_ZONE, for what has no place. */
export type EncodedPlace = Partial<LocatedPoint> & { readonly h3: bigint; readonly beidou: bigint };

/** Locates and encodes one position. */
export function encodePlace(position: SourcePosition | undefined, grids: LocateGrids): EncodedPlace {
  if (position === undefined) return { h3: NO_ZONE, beidou: NO_ZONE };
  const point = locatePoint(position, grids);
  return {
    ...point,
    h3: encodeOne(grids.h3, point.lonDeg, point.latDeg, H3_POINT_LEVEL),
    beidou: encodeOne(grids.beidou2d, point.lonDeg, point.latDeg, BEIDOU_POINT_LEVEL),
  };
}

/** JSON object text with sorted keys: the same attributes give the same text. */
export function sortedJson(attributes: Readonly<Record<string, string | number | boolean | null>>): string {
  const sorted: Record<string, string | number | boolean | null> = Object.create(null);
  for (const key of Object.keys(attributes).sort()) sorted[key] = attributes[key] ?? null;
  return JSON.stringify(sorted);
}

/** First 16 hex digits of SHA-256 over a content whose members always come in one order. */
export function contentHash(content: object): string {
  const text = JSON.stringify(content, (_, value) =>
    typeof value === 'bigint' ? value.toString(16) : value,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
