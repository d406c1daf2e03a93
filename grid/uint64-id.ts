/**
 * Zone ids that carry their own level in one unsigned 64-bit integer, for columns and links that have room for no second value.
 *
 * H3 ids do so already. A BeiDou code fills all 64 bits at level 10, so this form holds levels 1..9 only: the 58 bits of a level-9 code,
 * two zero bits, four bits of level. Level 10 keeps the pair (id, level).
 */
import { beidou2d } from './beidou/beidou2d.ts';
import { belowMask } from './beidou/beidou2d-cell.ts';
import { checkLevel } from './checks.ts';
import type { DggrsId, ZoneRange } from './codec.ts';
import { GridError } from './errors.ts';
import { h3 } from './h3/h3.ts';

/** Deepest BeiDou level of the form: level 9, cells of 12 cm. */
const BEIDOU_MAX_LEVEL = 9;
/** The six bits below a level-9 code: two of zero, four of level. */
const LEVEL_FIELD = 63n;

/**
 * The self-describing id of a zone: for `h3` the id as it is, for `beidou2d` the packed code with its level in the lowest bits.
 * @throws {GridError} `level-out-of-range` for BeiDou level 10, which leaves no bit free; `zone-invalid`.
 */
export function toUint64Id(dggrs: DggrsId, zone: bigint, level: number): bigint {
  if (dggrs === 'h3') {
    h3.format(zone, level);
    return zone;
  }
  checkLevel('beidou2d as one 64-bit id', level, beidou2d.minLevel, BEIDOU_MAX_LEVEL);
  return beidou2d.range(zone, level).lo | BigInt(level);
}

/**
 * The zone and level of a self-describing id.
 * @throws {GridError} `zone-invalid` for what is no such id, level 10 among it.
 */
export function fromUint64Id(dggrs: DggrsId, id: bigint): { readonly zone: bigint; readonly level: number } {
  if (dggrs === 'h3') {
    const level = Number((id >> 52n) & 15n);
    h3.format(id, level);
    return { zone: id, level };
  }
  const level = Number(id & LEVEL_FIELD);
  if (level < beidou2d.minLevel || level > BEIDOU_MAX_LEVEL) {
    throw new GridError(
      'zone-invalid',
      `Cannot read BeiDou id 0x${id.toString(16)}: its lowest six bits are ${level}, must be a level 1..${BEIDOU_MAX_LEVEL}`,
    );
  }
  const zone = id & ~LEVEL_FIELD;
  beidou2d.format(zone, level);
  return { zone, level };
}

/**
 * The self-describing ids of a zone and what lies in it, as one inclusive range.
 *
 * `beidou2d`: the zone and all its descendants down to level 9, and nothing else: the lower bound carries the level, because an ancestor has
 * the same bits above. `h3`: its level stands above its digits, so only descendants of one level are neighbours; here those of
 * `h3.pointLevel`, as `h3.range` gives.
 * @throws {GridError} as `toUint64Id`; `level-out-of-range` for an H3 zone finer than `h3.pointLevel`.
 */
export function uint64IdRange(dggrs: DggrsId, zone: bigint, level: number): ZoneRange {
  if (dggrs === 'h3') return h3.range(zone, level);
  return { lo: toUint64Id(dggrs, zone, level), hi: zone | belowMask(level) };
}
