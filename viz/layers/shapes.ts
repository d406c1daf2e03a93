/**
 * One shape per kind, in a box of 24 by 24: the same paths are drawn on the map and in lists and legends, so that nobody has
 * to tell two kinds apart by colour.
 */

export interface Shape {
  /** Filled outline. */
  readonly body: string;
  /** Cut into the body in the halo colour. */
  readonly detail?: string;
  /** The detail is a line, not an area. */
  readonly stroke?: boolean;
}

const RING = 'M12 4a8 8 0 1 1 0 16a8 8 0 1 1 0-16z';

export const SHAPES = {
  'air-station': {
    body: RING,
    detail: 'M8 10.2h6.2a1.6 1.6 0 1 0-1.5-2.2M8 13.8h7.6a1.6 1.6 0 1 1-1.5 2.2',
    stroke: true,
  },
  'water-station': {
    body: 'M12 2.5c3.6 4.4 6.2 7.8 6.2 11.2a6.2 6.2 0 1 1-12.4 0c0-3.4 2.6-6.8 6.2-11.2z',
    detail: 'M8.6 14.2q1.7-1.5 3.4 0t3.4 0',
    stroke: true,
  },
  'rain-gauge': { body: 'M4 5h16l-5.5 8v6h-5v-6z', detail: 'M9 8.2h6', stroke: true },
  'street-light': { body: 'M12 7a5 5 0 1 1 0 10a5 5 0 1 1 0-10z' },
  'traffic-counter': { body: 'M5 5h14v14h-14z', detail: 'M9 15.5v-3M12 15.5v-7M15 15.5v-5', stroke: true },
  bus: {
    body: 'M6.5 3.5h11a2 2 0 0 1 2 2v11.5a2 2 0 0 1-1.5 1.9v1.6h-2.6v-1.5h-6.8v1.5h-2.6v-1.6a2 2 0 0 1-1.5-1.9v-11.5a2 2 0 0 1 2-2z',
    detail: 'M7 7h10v5h-10zM7 14.5h2.2v1.6h-2.2zM14.8 14.5h2.2v1.6h-2.2z',
  },
  camera: { body: 'M12 13.5m-4.6 0a4.6 4.6 0 1 0 9.2 0a4.6 4.6 0 1 0-9.2 0zM12 11l5.4-8.6q-5.4-2-10.8 0z' },
  case: { body: 'M12 2.5l9 9.5l-9 9.5l-9-9.5z', detail: 'M12 8v5M12 15.2v1.4', stroke: true },
  detection: {
    body: 'M3.5 3.5h6v3h-3v3h-3zM14.5 3.5h6v6h-3v-3h-3zM3.5 14.5h3v3h3v3h-6zM17.5 14.5h3v6h-6v-3h3zM10 10h4v4h-4z',
  },
  alarm: { body: 'M12 2.5l10 18h-20z', detail: 'M12 9v5.5M12 16.6v1.6', stroke: true },
  school: { body: 'M12 3.5l9.5 6.5h-2v9.5h-15v-9.5h-2z', detail: 'M10.4 19.5v-5h3.2v5z' },
  hospital: { body: 'M9 3.5h6v5.5h5.5v6h-5.5v5.5h-6v-5.5h-5.5v-6h5.5z' },
  enterprise: {
    body: 'M5 20v-15.5h8v5h6v10.5z',
    detail: 'M7.5 8h3M7.5 11.5h3M7.5 15h3M15 13h2M15 16h2',
    stroke: true,
  },
  other: { body: 'M8 5h8l4.5 7l-4.5 7h-8l-4.5-7z' },
} as const satisfies Record<string, Shape>;

export type ShapeName = keyof typeof SHAPES;

export function shapeFor(kind: string): ShapeName {
  return kind in SHAPES ? (kind as ShapeName) : 'other';
}
