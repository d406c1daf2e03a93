/** Line icons of the frame and the marks of the map as inline SVG; decoration only, the words stand beside them. */
import type { ReactElement } from 'react';
import { SHAPES, type Shape, shapeFor } from '../layers/shapes.ts';

const LINES = {
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  north: 'M12 3l5 17l-5-4l-5 4z',
  tilt: 'M3 17l5-10h8l5 10zM12 7v10M5.5 12h13',
  home: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  table: 'M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14',
  map: 'M3.5 6l5.5-2l6 2l5.5-2v14l-5.5 2l-6-2l-5.5 2zM9 4v14M15 6v14',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v10H9zM15 9V5H5v10h4',
  check: 'M5 13l4.5 4.5L19 7',
  sun: 'M12 8a4 4 0 1 1 0 8a4 4 0 1 1 0-8zM12 2.5v2.5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3L7 7M17 17l1.7 1.7M18.7 5.3L17 7M7 17l-1.7 1.7',
  keys: 'M3 7h18v11H3zM6.5 10.5h.01M10 10.5h.01M13.5 10.5h.01M17 10.5h.01M8 14.5h8',
  layers: 'M12 4l9 5l-9 5l-9-5zM3.5 13.5l8.5 4.7l8.5-4.7',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  link: 'M4 9c5-5 11-5 16 0M7 12.5c3.2-3 6.8-3 10 0M10 16c1.3-1.2 2.7-1.2 4 0M3 3l18 18',
  up: 'M12 19V6M6.5 11L12 5.5L17.5 11',
  down: 'M12 5v13M6.5 13L12 18.5L17.5 13',
  same: 'M5 9.5h14M5 14.5h14',
  play: 'M8 5.5l11 6.5l-11 6.5z',
  video: 'M3.5 7h11v10h-11zM14.5 11l6-3.5v9l-6-3.5z',
  chevron: 'M8 5l7 7l-7 7',
} as const;

export function Glyph({ name }: { readonly name: keyof typeof LINES }): ReactElement {
  return (
    <svg className="glyph" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={LINES[name]} />
    </svg>
  );
}

/** The mark of a category, event type or feature type, as on the map. */
export function Mark({
  kind,
  faded = false,
}: {
  readonly kind: string;
  readonly faded?: boolean;
}): ReactElement {
  const name = shapeFor(kind);
  const shape: Shape = SHAPES[name];
  return (
    <svg
      className={`mark mark-${name}${faded ? ' faded' : ''}`}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
    >
      <path className="mark-body" d={shape.body} />
      {shape.detail ? <path className={shape.stroke ? 'mark-line' : 'mark-cut'} d={shape.detail} /> : null}
    </svg>
  );
}

/** State of a feed or figure: a shape beside the word, never colour alone. */
export function StateMark({ state }: { readonly state: string }): ReactElement {
  const paths: Record<string, string> = {
    live: 'M12 6a6 6 0 1 1 0 12a6 6 0 1 1 0-12z',
    zero: 'M12 6a6 6 0 1 1 0 12a6 6 0 1 1 0-12z',
    partial: 'M12 6a6 6 0 1 1 0 12z',
  };
  return (
    <svg className={`state-mark state-${state}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <circle cx="12" cy="12" r="6.5" />
      {paths[state] ? <path d={paths[state]} /> : <path className="state-line" d="M8.2 12h7.6" />}
    </svg>
  );
}
