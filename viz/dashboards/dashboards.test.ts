import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classOf } from '../engine/scale.ts';
import { boardSchema } from '../schema/index.ts';

const folder = new URL('./', import.meta.url);

describe('dashboards', () => {
  for (const file of readdirSync(folder).filter((f) => f.endsWith('.json'))) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const board = boardSchema.parse(JSON.parse(text));

    it(`${file}: boardSchema takes it, and a round trip changes nothing`, () => {
      expect(`${board.id}.json`).toBe(file);
      expect(boardSchema.parse(JSON.parse(JSON.stringify(board)))).toEqual(board);
    });
    it(`${file}: ids are unique, breaks and zoom steps ascend`, () => {
      const ids = [...board.map.layers, ...board.left, ...board.right].map((x) => x.id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const layer of board.map.layers)
        if (layer.type === 'zone-fill')
          expect(layer.breaks.map((b) => classOf(b, layer.breaks))).toEqual(
            layer.breaks.map((_, i) => i + 1),
          );
      for (const steps of Object.values(board.map.levels))
        for (let i = 1; i < steps.length; i++) {
          expect(steps[i]![0]).toBeGreaterThan(steps[i - 1]![0]);
          expect(steps[i]![1]).toBeGreaterThan(steps[i - 1]![1]);
        }
    });
    it(`${file}: exactly one zone fill is drawn at first, so that the legend is of what is seen`, () => {
      expect(board.map.layers.filter((l) => l.type === 'zone-fill' && l.visible)).toHaveLength(1);
    });
  }
});
