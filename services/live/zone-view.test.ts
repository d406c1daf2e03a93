import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ZoneColumns } from '../../analytics/index.ts';
import { zoneChange } from './zone-view.ts';

type Zone = readonly [id: bigint, mean: number, count: number, newest: number];

function columns(zones: readonly Zone[]): ZoneColumns {
  return {
    n: zones.length,
    level: 7,
    id: BigUint64Array.from(zones, (zone) => zone[0]),
    mean: Float32Array.from(zones, (zone) => zone[1]),
    count: Uint32Array.from(zones, (zone) => zone[2]),
    newest: Float64Array.from(zones, (zone) => zone[3]),
  };
}

const zone = fc.tuple(
  fc.bigInt({ min: 1n, max: 40n }),
  fc.float({ noNaN: true, min: 0, max: 9 }),
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 0, max: 5 }),
);
const zones = fc.uniqueArray(zone, { selector: (row) => row[0], maxLength: 30 });

describe('zoneChange', () => {
  it('applied to the version before gives the version after, and is empty for equal ones', () => {
    fc.assert(
      fc.property(zones, zones, (before, after) => {
        const change = zoneChange(columns(before), columns(after));
        const held = new Map(before.map((row) => [row[0], row.slice(1)]));
        change.id.forEach((id, row) => {
          if (change.count[row] === 0) held.delete(id);
          else held.set(id, [change.mean[row]!, change.count[row]!, change.newest[row]!]);
        });
        expect(held).toEqual(new Map(after.map((row) => [row[0], row.slice(1)])));
        expect(zoneChange(columns(after), columns(after)).id.length).toBe(0);
      }),
    );
  });

  it('sends a zone only when it differs', () => {
    const before = columns([
      [1n, 2, 1, 10],
      [2n, 5, 1, 10],
    ]);
    const after = columns([
      [1n, 2, 1, 10],
      [2n, 6, 1, 11],
    ]);
    expect([...zoneChange(before, after).id]).toEqual([2n]);
  });
});
