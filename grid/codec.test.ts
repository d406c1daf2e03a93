/** Runs the contract suite over every grid of the registry. */
import { describe, expect, it } from 'vitest';
import { parseBeidouReference } from './beidou/beidou-reference.ts';
import { beidou3d } from './beidou/beidou3d-grid.ts';
import { type ContractFacts, zoneGridContract } from './codec.contract.ts';
import type { DggrsId } from './codec.ts';
import { refusalOf } from './refusal.ts';
import { GRIDS, isDggrsId } from './registry.ts';

const FACTS: Readonly<Record<DggrsId, ContractFacts>> = {
  beidou2d: {
    coverLevel: 4,
    nestsInSpace: true,
    refusedTexts: [
      ['', /length 0/],
      ['N48', /length 3/],
      ['X48I', /"N" or "S"/],
      ['N61I', /zone "61"/],
      ['N4 I', /zone "4 "/],
      ['N48W', /row "W"/],
      ['N48i', /row "i"/],
      ['N48IC0', /level 2 digit "C" must be 0..B/],
      ['N48I08', /level 2 digit "8" must be 0..7/],
      ['N48I006', /level 3 digit "6" must be 0..5/],
      ['N48I000F0', /level 4 digit "F" must be 0..E/],
      ['N48I0000A', /level 4 digit "A" must be 0..9/],
      ['N48I000000F', /level 5 digit "F" must be 0..E/],
      ['N48I00000004', /level 6 digit "4" must be 0..3/],
      ['N48I0000000008', /level 7 digit "8" must be 0..7/],
      ['N00A', /polar and must be followed by "0"/],
      ['N00040', /level 2 digit "4" must be 0..3/],
      ['N000111', /polar codes have levels 1..2/],
    ],
  },
  h3: {
    coverLevel: 7,
    nestsInSpace: false,
    refusedTexts: [
      ['', /15 lower-case/],
      ['8840d30001ffff', /15 lower-case/],
      ['0882830829dfffff', /15 lower-case/],
      ['88283082A5FFFFF', /15 lower-case/],
      ['882830829dffff0', /not an index of a cell/],
      ['fffffffffffffff', /not an index of a cell/],
    ],
  },
};

for (const [id, grid] of Object.entries(GRIDS)) {
  if (isDggrsId(id)) zoneGridContract(grid, FACTS[id]);
}

describe('what plain JavaScript hands over', () => {
  // As a program without types would: members missing or of the wrong kind, each of which JavaScript compares as 0 or 104.
  const numbers = [undefined, null, '', '104', [], true, {}] as unknown as readonly number[];
  const texts = [undefined, null, 5, {}, ['N48I']] as unknown as readonly string[];
  const codeOf = (act: () => unknown): unknown => refusalOf(act)?.code;

  it('is refused by code where a number or a text is wanted', () => {
    for (const value of numbers) {
      for (const grid of Object.values(GRIDS)) {
        expect(codeOf(() => grid.encode(value, 35, 5))).toBe('position-invalid');
        expect(codeOf(() => grid.encode(104, value, 5))).toBe('position-invalid');
        expect(codeOf(() => grid.encode(104, 35, value))).toBe('level-out-of-range');
      }
      expect(codeOf(() => beidou3d.encode(104, 35, value, 5))).toBe('height-invalid');
    }
    for (const value of texts) {
      for (const grid of Object.values(GRIDS)) expect(codeOf(() => grid.parse(value))).toBe('zone-invalid');
      expect(codeOf(() => beidou3d.parse(value))).toBe('zone-invalid');
      expect(codeOf(() => parseBeidouReference(value))).toBe('zone-invalid');
    }
  });
});

describe('GRIDS', () => {
  it('is keyed by the id each grid gives itself', () => {
    for (const [id, grid] of Object.entries(GRIDS)) expect(grid.id).toBe(id);
    expect(isDggrsId('h3')).toBe(true);
    expect(isDggrsId('toString')).toBe(false);
  });
});
