import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pointInGeometry } from '../../grid/index.ts';
import { ConfigError } from '../config.ts';
import { loadCity } from './city.ts';

describe('loadCity', () => {
  const city = loadCity();
  const counties = city.outlines.features;

  it('ships seven schematic counties that say so in both languages', () => {
    expect(counties.map((county) => county.properties.code)).toEqual([
      '621102',
      '621121',
      '621122',
      '621123',
      '621124',
      '621125',
      '621126',
    ]);
    expect(city.schematic).toBe(true);
    expect(city.note.en).toContain('schematic');
    expect(city.note.zh).toContain('示意');
  });

  it('has each county town in its own county and in no other, and everything inside the bounds', () => {
    const [west, south, east, north] = city.bounds;
    for (const county of counties) {
      const [lon, lat] = county.properties.seat!;
      const holders = counties.filter((other) => pointInGeometry(other.geometry, lon, lat));
      expect(holders.map((holder) => holder.properties.nameEn)).toEqual([county.properties.nameEn]);
      for (const [x, y] of county.geometry.coordinates.flat(1) as [number, number][]) {
        expect(x > west && x < east && y > south && y < north).toBe(true);
      }
    }
  });

  it('tiles: every inner edge belongs to two counties, in opposite directions', () => {
    const edges = new Map<string, number>();
    for (const county of counties) {
      const ring = county.geometry.coordinates[0] as [number, number][];
      for (let i = 1; i < ring.length; i++) {
        const [from, to] = [ring[i - 1]!.join(), ring[i]!.join()];
        const [key, sign] = from < to ? [`${from} ${to}`, 1] : [`${to} ${from}`, -1];
        edges.set(key, (edges.get(key) ?? 0) + sign);
      }
    }
    const outer = [...edges.values()].filter((sum) => sum !== 0);
    expect(outer.every((sum) => Math.abs(sum) === 1)).toBe(true);
    expect(outer.length).toBeLessThan(edges.size);
  });

  it('names what is wrong with a city of one’s own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'jingwei-city-'));
    const path = join(folder, 'city.json');
    writeFileSync(path, JSON.stringify({ ...city, centre: [200, 0], extra: 1 }));
    expect(() => loadCity(path)).toThrow(/centre/);
    expect(() => loadCity(join(folder, 'none.json'))).toThrow(ConfigError);
    rmSync(folder, { recursive: true, force: true });
  });
});
