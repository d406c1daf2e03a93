/** Which county a position lies in, by the outlines the city ships (schematic ones give schematic answers). */
import type { LocalText } from '../schema/api.ts';

type Ring = readonly (readonly [number, number])[];

export interface County {
  readonly code: string;
  readonly name: LocalText;
  /** Outer and inner rings; a position is inside by the even-odd rule. */
  readonly rings: readonly Ring[];
  /** Where its name is written. */
  readonly label: readonly [number, number];
}

interface OutlineFeature {
  readonly properties?: Record<string, unknown> | null;
  readonly geometry?: { readonly type?: string; readonly coordinates?: unknown } | null;
}

/** Reads a FeatureCollection with `{ code, nameEn, nameZh }`; what is no polygon is left out. */
export function readCounties(outlines: unknown): readonly County[] {
  const features = (outlines as { features?: readonly OutlineFeature[] } | null)?.features ?? [];
  return features.flatMap((feature) => {
    const rings = ringsOf(feature);
    const p = feature.properties ?? {};
    if (rings.length === 0) return [];
    const label = Array.isArray(p.label) ? (p.label as [number, number]) : centroid(rings[0] as Ring);
    return [
      {
        code: String(p.code ?? ''),
        name: { en: String(p.nameEn ?? p.code ?? ''), zh: String(p.nameZh ?? p.nameEn ?? '') },
        rings,
        label,
      },
    ];
  });
}

function ringsOf(feature: OutlineFeature): readonly Ring[] {
  const { type, coordinates } = feature.geometry ?? {};
  if (type === 'Polygon') return coordinates as readonly Ring[];
  if (type === 'MultiPolygon') return (coordinates as readonly (readonly Ring[])[]).flat();
  return [];
}

/** Area-weighted centre of a closed ring. */
function centroid(ring: Ring): readonly [number, number] {
  let area = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i + 1 < ring.length; i++) {
    const [ax, ay] = ring[i] as readonly [number, number];
    const [bx, by] = ring[i + 1] as readonly [number, number];
    const cross = ax * by - bx * ay;
    area += cross;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  }
  return area === 0 ? (ring[0] as readonly [number, number]) : [x / (3 * area), y / (3 * area)];
}

/** The county that holds a position, or null. */
export function countyAt(counties: readonly County[], lon: number, lat: number): County | null {
  for (const county of counties) {
    let inside = false;
    for (const ring of county.rings) {
      for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        const [xi, yi] = ring[i] as readonly [number, number];
        const [xj, yj] = ring[j] as readonly [number, number];
        if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
      }
    }
    if (inside) return county;
  }
  return null;
}
