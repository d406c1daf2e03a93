import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contrast, oklchToRgb, parseColour, type Rgb } from './oklch.ts';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

function theme(selector: RegExp): Map<string, Rgb> {
  const start = css.search(selector);
  const block = css.slice(start, css.indexOf('\n}', start));
  const colours = new Map<string, Rgb>();
  for (const [, name, value] of block.matchAll(/--([\w-]+):\s*([^;]+);/g)) {
    const rgb = parseColour(value ?? '');
    if (rgb && name) colours.set(name, rgb);
  }
  return colours;
}

const dark = theme(/^:root \{/m);
const light = theme(/^:root\[data-theme=.light.\] \{/m);

describe('theme tokens', () => {
  it('oklchToRgb agrees with the published values of CSS Color 4', () => {
    expect(oklchToRgb(1, 0, 0)).toEqual([255, 255, 255]);
    expect(oklchToRgb(0, 0, 0)).toEqual([0, 0, 0]);
    expect(oklchToRgb(0.627955, 0.257683, 29.234)).toEqual([255, 0, 0]);
    expect(oklchToRgb(0.51975, 0.17686, 142.495)).toEqual([0, 128, 0]);
  });

  for (const [name, tokens] of [
    ['dark', dark],
    ['light', light],
  ] as const) {
    const get = (token: string): Rgb => {
      const rgb = tokens.get(token);
      if (!rgb) throw new Error(`${name} theme has no --${token}`);
      return rgb;
    };
    it(`${name}: three strengths of text hold 12:1, 7:1 and 4.5:1 on panels`, () => {
      expect(contrast(get('text-1'), get('panel'))).toBeGreaterThan(12);
      expect(contrast(get('text-2'), get('panel'))).toBeGreaterThan(7);
      expect(contrast(get('text-3'), get('panel'))).toBeGreaterThan(4.5);
      expect(contrast(get('text-3'), get('raised'))).toBeGreaterThan(4.5);
    });
    it(`${name}: what acts and what alarms is legible on panels, and banners on their ground`, () => {
      for (const token of ['accent', 'alarm-high', 'alarm-medium', 'alarm-low'])
        expect(contrast(get(token), get('panel')), token).toBeGreaterThan(4.5);
      expect(contrast(get('on-accent'), get('accent'))).toBeGreaterThan(4.5);
      expect(contrast(get('on-lost'), get('lost'))).toBeGreaterThan(7);
    });
    it(`${name}: marks on the map hold 3:1 against the land`, () => {
      for (const token of ['mark-thing', 'mark-minor', 'mark-stale', 'mark-case', 'mark-detection'])
        expect(contrast(get(token), get('land')), token).toBeGreaterThan(3);
    });
  }

  it('the light theme overrides every colour of the dark one but the statutory scale', () => {
    const missing = [...dark.keys()].filter((t) => !light.has(t) && !t.startsWith('aqi-'));
    expect(missing).toEqual([]);
  });

  it('sequential steps rise evenly in luminance, on dark upwards and on light downwards', () => {
    for (const [tokens, sign] of [
      [dark, 1],
      [light, -1],
    ] as const) {
      const steps = [0, 1, 2, 3, 4, 5, 6].map((i) => contrast(tokens.get(`seq-${i}`) as Rgb, [0, 0, 0]));
      for (let i = 1; i < steps.length; i++) expect(sign * (steps[i]! - steps[i - 1]!)).toBeGreaterThan(0);
    }
  });
});
