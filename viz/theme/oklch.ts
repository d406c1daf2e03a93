/** Colour tokens as numbers: CSS `oklch()` and `rgb()` text to 8-bit sRGB, so that their contrast can be checked. */

/** 8-bit sRGB. */
export type Rgb = readonly [number, number, number];

const gamma = (u: number): number => {
  const c = u <= 0.0031308 ? 12.92 * u : 1.055 * u ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(1, Math.max(0, c)));
};

/**
 * OKLCH to sRGB, clipped to the gamut.
 *
 * @param lightness - 0..1. @param chroma - 0..0.4. @param hueDeg - Degrees.
 * @source B. Ottosson, "A perceptual color space for image processing" (2020); CSS Color 4, section 10.
 */
export function oklchToRgb(lightness: number, chroma: number, hueDeg: number): Rgb {
  const h = (hueDeg * Math.PI) / 180;
  const a = chroma * Math.cos(h);
  const b = chroma * Math.sin(h);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** Reads `oklch(L C H)` or `rgb(R G B)` with plain numbers; null for any other text. */
export function parseColour(text: string): Rgb | null {
  const match = /^\s*(oklch|rgb)\(\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)\s*\)\s*$/.exec(text);
  if (!match) return null;
  const [x, y, z] = [Number(match[2]), Number(match[3]), Number(match[4])];
  return match[1] === 'rgb' ? [x, y, z] : oklchToRgb(x, y, z);
}

/** Contrast ratio of two colours, 1..21. @source WCAG 2.2, "contrast ratio" and "relative luminance". */
export function contrast(a: Rgb, b: Rgb): number {
  const luminance = (c: Rgb): number => {
    const [r, g, b2] = c.map((v) => {
      const u = v / 255;
      return u <= 0.04045 ? u / 12.92 : ((u + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b2;
  };
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}
