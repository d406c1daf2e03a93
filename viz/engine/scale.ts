/** Fixed breaks to classes to colours: a value always has the same colour, today and in a replay. */
import type { Rgb } from '../theme/oklch.ts';
import type { MapPalette } from '../theme/tokens.ts';

export type ScaleName = 'sequential' | 'diverging' | 'aqi';

/**
 * Class of a value: how many breaks it has reached. `k` breaks make `k + 1` classes; a class owns its lower break.
 * Zero or below the first break is class 0, "no data" has no class and must not come here.
 */
export function classOf(value: number, breaks: readonly number[]): number {
  let c = 0;
  while (c < breaks.length && value >= (breaks[c] as number)) c++;
  return c;
}

/** One colour per class, spread evenly over the scale's stops; `aqi` takes its official colours in order. */
export function classColours(scale: ScaleName, classes: number, palette: MapPalette): readonly Rgb[] {
  if (scale === 'aqi') return Array.from({ length: classes }, (_, i) => at(palette.aqi, i));
  const stops = scale === 'sequential' ? palette.sequential : palette.diverging;
  return Array.from({ length: classes }, (_, i) => {
    const x = classes === 1 ? 0 : (i / (classes - 1)) * (stops.length - 1);
    const low = at(stops, Math.floor(x));
    const high = at(stops, Math.ceil(x));
    const f = x - Math.floor(x);
    return [0, 1, 2].map((k) =>
      Math.round((low[k] as number) * (1 - f) + (high[k] as number) * f),
    ) as unknown as Rgb;
  });
}

const at = (list: readonly Rgb[], i: number): Rgb => list[Math.min(i, list.length - 1)] as Rgb;
