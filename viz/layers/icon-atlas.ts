/** Marks drawn once per theme onto a canvas: every shape in every look, with a halo so that it reads on any zone colour. */
import type { Rgb } from '../theme/oklch.ts';
import { cssColour, type MapPalette } from '../theme/tokens.ts';
import { SHAPES, type Shape, type ShapeName } from './shapes.ts';

/** `plain`: as it is; `stale`: no news within its period; `warn`: beyond its limit, with the alarm's triangle. */
export type Look = 'plain' | 'stale' | 'warn';
const LOOKS: readonly Look[] = ['plain', 'stale', 'warn'];

/** Edge of one mark in the atlas, texels: sharp up to 4K walls. */
const CELL = 96;

export interface IconAtlas {
  readonly image: HTMLCanvasElement;
  readonly mapping: Readonly<
    Record<
      string,
      {
        readonly x: number;
        readonly y: number;
        readonly width: number;
        readonly height: number;
        readonly mask: false;
      }
    >
  >;
}

export const iconName = (shape: ShapeName, look: Look): string => `${shape}/${look}`;

export function drawIconAtlas(palette: MapPalette): IconAtlas {
  const names = Object.keys(SHAPES) as ShapeName[];
  const image = document.createElement('canvas');
  image.width = CELL * names.length;
  image.height = CELL * LOOKS.length;
  const context = image.getContext('2d') as CanvasRenderingContext2D;
  const mapping: Record<string, { x: number; y: number; width: number; height: number; mask: false }> = {};
  names.forEach((name, column) => {
    LOOKS.forEach((look, row) => {
      const [x, y] = [column * CELL, row * CELL];
      context.save();
      context.translate(x + CELL * 0.08, y + CELL * 0.08);
      context.scale((CELL * 0.84) / 24, (CELL * 0.84) / 24);
      drawMark(context, SHAPES[name], look === 'stale' ? palette.stale : colourOf(name, palette), palette);
      if (look === 'warn') drawWarning(context, palette);
      context.restore();
      mapping[iconName(name, look)] = { x, y, width: CELL, height: CELL, mask: false };
    });
  });
  return { image, mapping };
}

function drawMark(context: CanvasRenderingContext2D, shape: Shape, fill: Rgb, palette: MapPalette): void {
  const body = new Path2D(shape.body);
  context.lineJoin = 'round';
  context.lineCap = 'round';
  context.strokeStyle = cssColour(palette.halo, 0.85);
  context.lineWidth = 3;
  context.stroke(body);
  context.fillStyle = cssColour(fill);
  context.fill(body);
  if (!shape.detail) return;
  const detail = new Path2D(shape.detail);
  if (shape.stroke) {
    context.strokeStyle = cssColour(palette.halo);
    context.lineWidth = 1.7;
    context.stroke(detail);
  } else {
    context.fillStyle = cssColour(palette.halo);
    context.fill(detail);
  }
}

function drawWarning(context: CanvasRenderingContext2D, palette: MapPalette): void {
  const triangle = new Path2D('M18 0.5l6 10.5h-12z');
  context.strokeStyle = cssColour(palette.halo);
  context.lineWidth = 2.4;
  context.stroke(triangle);
  context.fillStyle = cssColour(palette.alarm);
  context.fill(triangle);
}

function colourOf(shape: ShapeName, palette: MapPalette): Rgb {
  if (shape === 'case') return palette.case;
  if (shape === 'detection') return palette.detection;
  if (shape === 'alarm') return palette.alarm;
  if (shape === 'school' || shape === 'hospital' || shape === 'enterprise') return palette.feature;
  if (shape === 'street-light') return palette.minor;
  return palette.thing;
}
