/** City entities as sets of 3D codes, one set for the whole and one for each storey. */

import type { HeightCoding } from '../beidou/beidou3d.ts';
import { beidou3d } from '../beidou/beidou3d-grid.ts';
import { GridError } from '../errors.ts';
import { coverSolid, type SolidCoverOptions } from '../solid/cover-solid.ts';
import { representativeOfSolid } from '../solid/representative-solid.ts';
import type { SolidZoneSet } from '../solid.ts';
import type { CityEntity } from './city-entity.ts';
import { type EntityClassCode, type EntityLayer, entityClass } from './entity-class.ts';
import { type SolidPart, solidsOf } from './entity-solids.ts';
import { formatEntityText } from './entity-text.ts';

/** A storey or other part of an entity, with zones of its own. */
export interface EntityPart {
  /** `F3`, `B1`, `P2`. */
  readonly part: string;
  readonly class: EntityClassCode;
  /** `underground` where its top does not rise above the ground. */
  readonly layer: EntityLayer;
  /** Entity code of the part. */
  readonly text: string;
  readonly zones: SolidZoneSet;
}

/** An entity coded: what it is, and the 3D zones it takes. */
export interface EntityCode {
  readonly id: string;
  readonly class: EntityClassCode;
  readonly layer: EntityLayer;
  /** Level its zones were made at; compacted ones are coarser. */
  readonly level: number;
  readonly heightCoding: HeightCoding;
  /** Entity code: layer, class, reading of the heights, and the zone that stands for it. */
  readonly text: string;
  readonly zones: SolidZoneSet;
  /** Storeys from the lowest to the highest; none for what was declared without. */
  readonly parts: readonly EntityPart[];
}

/** Level 8 is 1 m: fine enough for storeys, and a house stays at some thousand runs. */
export const ENTITY_LEVEL = 8;

/** As for a solid; `level` is by default `ENTITY_LEVEL`. */
export type EntityOptions = Partial<SolidCoverOptions>;

/**
 * The 3D codes of an entity.
 *
 * ```ts
 * const house = encodeEntity({
 *   id: 'dx-0042',
 *   class: '1000',
 *   groundM: 1890,
 *   shape: {
 *     kind: 'building',
 *     footprint: {
 *       type: 'Polygon',
 *       coordinates: [[[104.626, 35.58], [104.6262, 35.58], [104.6262, 35.5801], [104.626, 35.5801], [104.626, 35.58]]],
 *     },
 *     storeys: { count: 6, heightM: 3, basements: 1 },
 *   },
 * });
 * house.parts.map(({ part }) => part); // ['B1', 'F1', 'F2', 'F3', 'F4', 'F5', 'F6']
 * ```
 * A building's text names the zone its ground lies in, any other entity's the zone of a position inside it.
 * @throws {GridError} `entity-invalid`, and as `coverSolid`: `geometry-invalid`, `height-invalid`, `too-many-zones`,
 * `polar-unsupported`, `level-out-of-range`. An empty geometry is `entity-invalid`: it has no place to name.
 */
export function encodeEntity(entity: CityEntity, options: EntityOptions = {}): EntityCode {
  const known = entityClass(entity.class);
  if (known === undefined)
    throw new GridError(
      'entity-invalid',
      `Cannot code class "${entity.class}": must be one of ENTITY_CLASSES`,
    );
  const full = { ...options, level: options.level ?? ENTITY_LEVEL };
  const heightCoding = options.heightCoding ?? 'annexC';
  const { whole, parts, place } = solidsOf(entity);
  if (place === undefined)
    throw new GridError('entity-invalid', `Cannot code entity "${entity.id}": its geometry is empty`);
  const layer = entity.layer ?? known.layer;
  const zone = beidou3d.encode(...place, full.level, heightCoding);
  return {
    id: entity.id,
    class: known.code,
    layer,
    level: full.level,
    heightCoding,
    text: formatEntityText({ layer, class: known.code, heightCoding, zone }),
    zones: coverSolid(whole, full),
    parts: parts.map((part) => encodePart(part, full, heightCoding)),
  };
}

/** Class of a part by its letter: storey, basement, room or unit. */
const PART_CLASS: Readonly<Record<string, EntityClassCode>> = { F: '1010', B: '1030', P: '1020' };

function encodePart(
  { part, layer, solid }: SolidPart,
  options: SolidCoverOptions,
  heightCoding: HeightCoding,
): EntityPart {
  const place = representativeOfSolid(solid);
  if (place === undefined)
    throw new GridError('entity-invalid', `Cannot code part "${part}": its footprint is empty`);
  const own = PART_CLASS[part[0]!]!;
  const zone = beidou3d.encode(...place, options.level, heightCoding);
  return {
    part,
    class: own,
    layer,
    text: formatEntityText({ layer, class: own, heightCoding, zone, part }),
    zones: coverSolid(solid, options),
  };
}
