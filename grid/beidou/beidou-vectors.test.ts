import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NO_ZONE } from '../no-zone.ts';
import { anchor, beidou2d, textBytes } from './beidou2d.ts';
import { parseBeidou2dBatch } from './beidou2d-parse.ts';
import { wholeUnits } from './beidou2d-units.ts';
import { heightLayer, parseBeidou3d } from './beidou3d.ts';
import { beidou3d } from './beidou3d-grid.ts';
import { parseBeidou3dBatch, solidTextBytes } from './beidou3d-text.ts';

interface Row {
  readonly id: string;
  readonly lng: number;
  readonly lat: number;
  readonly level: number;
  readonly code2d: string;
  readonly anchor?: readonly [number, number];
  readonly lngUnits?: number;
  readonly latUnits?: number;
  readonly disagree?: Readonly<Record<string, string>>;
}
interface SolidRow extends Row {
  readonly height: number;
  readonly code3d: string;
  readonly code3dClause6: string;
  readonly readingsAgree: boolean;
  readonly heightLayer: number;
  readonly bottom?: number;
  readonly code3dSignMagnitude?: string;
}
const file = new URL('../../../shared/data/beidou/vectors.json', import.meta.url);
const hasVectors = existsSync(file);
const { vectors, extra } = (
  hasVectors ? JSON.parse(readFileSync(file, 'utf8')) : { vectors: [], extra: [] }
) as { readonly vectors: readonly Row[]; readonly extra: readonly Row[] };
const rows = [...vectors, ...extra];
const solidRows = rows.filter((row): row is SolidRow => 'height' in row);
const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const column = <R>(from: readonly R[], read: (row: R) => number): Float64Array =>
  Float64Array.from(from, read);

describe.skipIf(!hasVectors)(
  'every field of the shared vectors (skipped where ../shared/data/beidou is absent)',
  () => {
    it('has 2,680 agreed rows, 597 of the project, 571 with height', () => {
      expect([vectors.length, extra.length, solidRows.length]).toEqual([2680, 597, 571]);
    });

    it('2D, one by one: text, anchor, whole units, and none of the answers the specification calls wrong', () => {
      for (const { id, lng, lat, level, code2d, anchor: corner, lngUnits, latUnits, disagree } of rows) {
        const zone = beidou2d.encode(lng, lat, level);
        const text = beidou2d.format(zone, level);
        expect(text, id).toBe(code2d);
        expect(beidou2d.parse(code2d), id).toEqual({ zone, level });
        if (corner !== undefined) expect(anchor(zone, level), id).toEqual(corner);
        if (lngUnits !== undefined) expect(wholeUnits(Math.abs(lng)), id).toBe(Math.abs(lngUnits));
        if (latUnits !== undefined) expect(wholeUnits(Math.abs(lat)), id).toBe(Math.abs(latUnits));
        for (const other of Object.values(disagree ?? {})) expect(text, id).not.toBe(other);
      }
    });

    it.each(LEVELS)('2D, level %i as one batch: ids, texts, bytes, centres and back', (level) => {
      const of = rows.filter((row) => row.level === level);
      const [lng, lat] = [column(of, (row) => row.lng), column(of, (row) => row.lat)];
      const zones = beidou2d.encodeBatch(lng, lat, level);
      const texts = of.map(({ code2d }) => code2d);
      expect(beidou2d.formatBatch(zones, level)).toEqual(texts);
      expect(new TextDecoder().decode(textBytes(zones, level))).toBe(texts.join(''));
      const parsed = parseBeidou2dBatch(texts);
      expect(parsed.zones).toEqual(zones);
      expect([...new Set(parsed.levels)]).toEqual([level]);
      expect(parsed.refusals.size).toBe(0);
      const centres = beidou2d.decodeBatch(zones, level);
      expect(beidou2d.encodeBatch(centres.lonDeg, centres.latDeg, level)).toEqual(zones);
    });

    it('3D, one by one, both codings: text, layer, floor, and where the readings agree', () => {
      for (const row of solidRows) {
        const { id, lng, lat, height, level, code2d, code3d, code3dClause6 } = row;
        expect(heightLayer(height), id).toBe(row.heightLayer);
        expect(code3d === code3dClause6, id).toBe(row.readingsAgree);
        for (const [coding, code] of [
          ['annexC', code3d],
          ['clause6', code3dClause6],
        ] as const) {
          const solid = beidou3d.encode(lng, lat, height, level, coding);
          expect(beidou3d.format(solid, coding), id).toBe(code);
          expect(beidou3d.parse(code, coding), id).toEqual(solid);
          expect(parseBeidou3d(code, coding).code2d, id).toBe(code2d);
          const [, , floorM, , , topM] = beidou3d.bounds(solid, coding);
          expect(floorM, id).toBeLessThanOrEqual(height + 1e-8);
          expect(topM, id).toBeGreaterThan(height);
          const [lon, latitude, anchorM] = beidou3d.anchor(solid, coding);
          expect([lon, latitude, anchorM], id).toEqual([
            ...(row.anchor ?? anchor(solid.zone, level)),
            floorM,
          ]);
          if (row.bottom !== undefined && coding === 'annexC') {
            expect(Math.abs(floorM - row.bottom), id).toBeLessThan(1e-9 + 1e-14 * Math.abs(row.bottom));
            // The floor another program printed encodes into the same layer.
            expect(beidou3d.encode(lng, lat, row.bottom, level, coding), id).toEqual(solid);
          }
        }
        const magnitude = row.code3dSignMagnitude;
        if (magnitude !== undefined && magnitude !== code3d) {
          expect(beidou3d.format(beidou3d.encode(lng, lat, height, level)), id).not.toBe(magnitude);
        }
      }
    });

    it.each(LEVELS)('3D, level %i as one batch in both codings: ids, texts, centres and back', (level) => {
      const of = solidRows.filter((row) => row.level === level);
      const args = [
        column(of, (row) => row.lng),
        column(of, (row) => row.lat),
        column(of, (row) => row.height),
      ] as const;
      for (const coding of ['annexC', 'clause6'] as const) {
        const solids = beidou3d.encodeBatch(...args, level, coding);
        const texts = of.map((row) => (coding === 'annexC' ? row.code3d : row.code3dClause6));
        expect(beidou3d.formatBatch(solids, level, coding)).toEqual(texts);
        expect(new TextDecoder().decode(solidTextBytes(solids, level, coding))).toBe(texts.join(''));
        const parsed = parseBeidou3dBatch(texts, coding);
        expect([parsed.zones, parsed.floorLayers]).toEqual([solids.zones, solids.floorLayers]);
        const { lonDeg, latDeg, heightM } = beidou3d.decodeBatch(solids, level, coding);
        expect(beidou3d.encodeBatch(lonDeg, latDeg, heightM, level, coding)).toEqual(solids);
      }
    });

    it('parse batch: a spoiled vector is refused as the single call refuses it, and its neighbours are not', () => {
      const texts = rows.map(({ code2d }, n) =>
        n % 5 === 0 ? `${code2d.slice(0, -1)}${'GOa- '[n % 25 === 0 ? 0 : n % 4]}` : code2d,
      );
      const { zones, levels, refusals } = parseBeidou2dBatch(texts);
      texts.forEach((text, n) => {
        let message = '';
        try {
          expect(zones[n]).toBe(beidou2d.parse(text).zone);
          expect(levels[n]).toBe(beidou2d.parse(text).level);
        } catch (error) {
          message = (error as Error).message;
          expect([zones[n], levels[n]]).toEqual([NO_ZONE, 0]);
        }
        expect(refusals.get(n)?.message ?? '').toBe(message);
      });
      expect(refusals.size).toBeGreaterThan(600);
    });
  },
);
