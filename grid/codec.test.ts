/** Runs the contract suite over every grid of the registry. */
import { describe, expect, it } from 'vitest';
import { type ContractFacts, zoneGridContract } from './codec.contract.ts';
import type { DggrsId } from './codec.ts';
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

describe('GRIDS', () => {
  it('is keyed by the id each grid gives itself', () => {
    for (const [id, grid] of Object.entries(GRIDS)) expect(grid.id).toBe(id);
    expect(isDggrsId('h3')).toBe(true);
    expect(isDggrsId('toString')).toBe(false);
  });
});
