/** Heights as sources declare them, to metres above the ellipsoid: the one height that is stored. */
import { parseHeightReference, toEllipsoidalHeight } from '../../grid/index.ts';
import type { HeightReferenceDeclaration, ThingDeclaration } from '../model/index.ts';

/** Ellipsoidal heights that are stored, metres, both ends included: below any mine, above any aircraft. */
const HEIGHT_M = { min: -12_000, max: 100_000 } as const;

/**
 * Metres above the ellipsoid; undefined where the reference is not declared, and out of -12,000..100,000 m.
 *
 * @param declared - Checked when it was declared.
 */
export function ellipsoidalHeightM(
  declared: HeightReferenceDeclaration | undefined,
  heightM: number,
): number | undefined {
  if (declared === undefined) return undefined;
  const height = toEllipsoidalHeight(parseHeightReference(declared), heightM);
  return isStoredHeight(height) ? height : undefined;
}

/** Is this height above the ellipsoid one that is stored? */
export function isStoredHeight(heightM: number): boolean {
  return heightM >= HEIGHT_M.min && heightM <= HEIGHT_M.max;
}

/** Ellipsoidal height of a declared Thing: its reference is the ellipsoid unless it says otherwise. */
export function declaredHeightM(position: NonNullable<ThingDeclaration['position']>): number | undefined {
  const { heightM, heightReference } = position;
  return heightM === undefined ? undefined : ellipsoidalHeightM(heightReference ?? 'ellipsoidal', heightM);
}
