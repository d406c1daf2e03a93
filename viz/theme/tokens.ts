/** The tokens of `tokens.css` as the map needs them: read once per theme, 8-bit sRGB. */
import type { Rgb } from './oklch.ts';

export type ThemeName = 'dark' | 'light';

/** Colours of the map for the theme in force. */
export interface MapPalette {
  readonly land: Rgb;
  readonly sea: Rgb;
  readonly countyLine: Rgb;
  readonly cityLine: Rgb;
  readonly graticule: Rgb;
  readonly text: Rgb;
  readonly sequential: readonly Rgb[];
  readonly diverging: readonly Rgb[];
  readonly aqi: readonly Rgb[];
  readonly zoneStale: Rgb;
  readonly zoneHatch: Rgb;
  readonly zoneOpacity: number;
  readonly thing: Rgb;
  readonly minor: Rgb;
  readonly stale: Rgb;
  readonly halo: Rgb;
  readonly case: Rgb;
  readonly detection: Rgb;
  readonly feature: Rgb;
  readonly view: Rgb;
  readonly alarm: Rgb;
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Reads the palette from the document's computed style. @throws {Error} when a token is missing or not a colour. */
export function readMapPalette(root: HTMLElement = document.documentElement): MapPalette {
  const style = getComputedStyle(root);
  const toRgb = colourReader();
  const colour = (name: string): Rgb => {
    const text = style.getPropertyValue(`--${name}`);
    const rgb = toRgb(text);
    if (!rgb) throw new Error(`Token --${name} is not a colour: "${text}"`);
    return rgb;
  };
  return {
    land: colour('land'),
    sea: colour('sea'),
    countyLine: colour('county-line'),
    cityLine: colour('city-line'),
    graticule: colour('graticule'),
    text: colour('text-1'),
    sequential: range(7).map((i) => colour(`seq-${i}`)),
    diverging: range(7).map((i) => colour(`div-${i}`)),
    aqi: range(6).map((i) => colour(`aqi-${i}`)),
    zoneStale: colour('zone-stale'),
    zoneHatch: colour('zone-hatch'),
    zoneOpacity: Number(style.getPropertyValue('--zone-opacity')) || 1,
    thing: colour('mark-thing'),
    minor: colour('mark-minor'),
    stale: colour('mark-stale'),
    halo: colour('mark-halo'),
    case: colour('mark-case'),
    detection: colour('mark-detection'),
    feature: colour('mark-feature'),
    view: colour('mark-view'),
    alarm: colour('alarm-medium'),
  };
}

/** Any CSS colour as the browser itself paints it: a build may rewrite `oklch()` in another notation. */
function colourReader(): (text: string) => Rgb | null {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return (text) => {
    if (!context || !CSS.supports('color', text)) return null;
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    return [r as number, g as number, b as number];
  };
}

/** A colour as CSS text, for the base map and for canvases. */
export function cssColour(rgb: Rgb, alpha = 1): string {
  return `rgba(${rgb[0]},${rgb[1]},${rgb[2]},${alpha})`;
}
