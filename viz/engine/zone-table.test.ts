import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRIDS } from '../../grid/index.ts';
import { decodeLiveFrame, encodeLiveFrame, type LiveFrame } from '../schema/live-frame.ts';
import { type ZoneKey, ZoneTable } from './zone-table.ts';

type Row = readonly [id: bigint, mean: number, count: number];
const KEY: ZoneKey = { dggrs: 'h3', level: 7, property: 'pm25' };

function frame(full: boolean, rows: readonly Row[], key: ZoneKey = KEY): LiveFrame {
  return decodeLiveFrame(
    encodeLiveFrame(
      { type: 'zones', seq: 1, position: 1, head: 1, serverTime: 0, committedAt: 0, full, zones: key },
      {
        id: BigUint64Array.from(rows.map((r) => r[0])),
        mean: Float32Array.from(rows.map((r) => r[1])),
        count: Uint32Array.from(rows.map((r) => r[2])),
        newest: Float64Array.from(rows.map(() => 5)),
      },
    ),
  );
}

/** Real cells around a county town, so that every id has a shape. */
const CELLS: readonly bigint[] = Array.from({ length: 60 }, (_, i) =>
  GRIDS.h3.encode(104 + (i % 10) * 0.1, 35 + Math.floor(i / 10) * 0.1, 7),
);
const contents = (table: ZoneTable): Map<bigint, readonly [number, number]> =>
  new Map(
    Array.from({ length: table.length }, (_, i) => [
      table.ids[i]!,
      [table.mean[i]!, table.count[i]!] as const,
    ]),
  );

describe('ZoneTable', () => {
  it('apply holds what a plain map would hold after any run of full and partial frames', () => {
    const row = fc.tuple(
      fc.constantFrom(...CELLS),
      fc.integer({ min: 0, max: 500 }),
      fc.integer({ min: 0, max: 3 }),
    );
    const frames = fc.array(
      fc.tuple(fc.boolean(), fc.uniqueArray(row, { selector: (r) => r[0], maxLength: 40 })),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(frames, (run) => {
        const table = new ZoneTable();
        const judge = new Map<bigint, readonly [number, number]>();
        for (const [full, rows] of run) {
          table.apply(frame(full, rows));
          if (full) judge.clear();
          for (const [id, mean, count] of rows) {
            if (count === 0) judge.delete(id);
            else judge.set(id, [mean, count]);
          }
          expect(contents(table)).toEqual(judge);
          for (let i = 0; i < table.length; i++) {
            expect(table.rowOf(table.ids[i]!)).toBe(i);
            expect(table.centres[i * 3]).toBe(GRIDS.h3.centre(table.ids[i]!, 7)[0]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('apply raises geometryRevision only when rows come or go, never for a new value', () => {
    const table = new ZoneTable();
    table.apply(
      frame(
        true,
        CELLS.slice(0, 20).map((id) => [id, 1, 1]),
      ),
    );
    const before = table.geometryRevision;
    table.apply(
      frame(
        true,
        CELLS.slice(0, 20).map((id) => [id, 2, 1]),
      ),
    );
    table.apply(frame(false, [[CELLS[3]!, 9, 4]]));
    expect(table.geometryRevision).toBe(before);
    expect(table.revision).toBe(3);
    table.apply(frame(false, [[CELLS[3]!, 0, 0]]));
    expect(table.geometryRevision).toBe(before + 1);
  });

  it('a frame of another level or grid replaces everything; another property keeps the shapes', () => {
    const table = new ZoneTable();
    table.apply(
      frame(
        true,
        CELLS.slice(0, 5).map((id) => [id, 1, 1]),
      ),
    );
    const shapes = table.geometryRevision;
    table.apply(
      frame(
        true,
        CELLS.slice(0, 5).map((id) => [id, 7, 1]),
        { ...KEY, property: 'rainfall' },
      ),
    );
    expect(table.geometryRevision).toBe(shapes);
    const quad = GRIDS.beidou2d.encode(104.6, 35.5, 4);
    table.apply(frame(false, [[quad, 3, 1]], { dggrs: 'beidou2d', level: 4, property: 'pm25' }));
    expect(table.length).toBe(1);
    expect(table.row(0).id).toBe(GRIDS.beidou2d.format(quad, 4));
  });

  it('grows past its first capacity without losing a row', () => {
    const table = new ZoneTable();
    const many = [
      ...new Set(Array.from({ length: 3000 }, (_, i) => GRIDS.h3.encode(104 + i * 0.0007, 35, 9))),
    ];
    table.apply(
      frame(
        true,
        many.map((id, i) => [id, i, 1]),
        { ...KEY, level: 9 },
      ),
    );
    expect(many.length).toBeGreaterThan(300);
    expect(table.length).toBe(many.length);
    expect(table.mean[table.rowOf(many[299]!)]).toBe(299);
  });
});
