/**
 * Entity codes as text: layer, class, reading of the heights, the 3D zone that stands for the entity, and the part of it.
 *
 *     entity-code = layer class coding "-" code3d [ "-" part ]
 *     layer  = "A" (above) / "S" (surface) / "U" (underground)
 *     class  = 4DIGIT                    ; ENTITY_CLASSES, version jingwei-entity-1
 *     coding = "C" (annexC) / "M" (clause6, mixed radix)
 *     code3d = BeiDou 3D code of GB/T 39409-2020, its length tells its level
 *     part   = ("F" / "B" / "P") number  ; storey, basement, other; from 1, no leading zeros
 *
 * A code tells where and what, and sorts by layer, class and place. It is no id: two lamps in one zone have one code.
 */

import type { HeightCoding } from '../beidou/beidou3d.ts';
import { beidou3d } from '../beidou/beidou3d-grid.ts';
import { GridError } from '../errors.ts';
import type { SolidZone } from '../solid.ts';
import { type EntityClassCode, type EntityLayer, entityClass } from './entity-class.ts';

/** What an entity code says. */
export interface EntityText {
  readonly layer: EntityLayer;
  readonly class: EntityClassCode;
  readonly heightCoding: HeightCoding;
  /** The zone that stands for the entity, or for its part. */
  readonly zone: SolidZone;
  /** `F3`, `B1`, `P2`; none for a whole entity. */
  readonly part?: string;
}

const LAYER_LETTERS: Readonly<Record<EntityLayer, string>> = { above: 'A', surface: 'S', underground: 'U' };
const CODING_LETTERS: Readonly<Record<HeightCoding, string>> = { annexC: 'C', clause6: 'M' };
const LAYERS = Object.fromEntries(Object.entries(LAYER_LETTERS).map(([name, letter]) => [letter, name]));
const TEXT = /^([ASU])([0-9]{4})([CM])-([^-]+)(?:-([FBP][1-9][0-9]{0,3}))?$/;

/** The text of an entity code: `A1000C-N048I00570007408CF00702657` is a building. */
export function formatEntityText(entity: EntityText): string {
  const code = beidou3d.format(entity.zone, entity.heightCoding);
  const head = `${LAYER_LETTERS[entity.layer]}${entity.class}${CODING_LETTERS[entity.heightCoding]}`;
  return entity.part === undefined ? `${head}-${code}` : `${head}-${code}-${entity.part}`;
}

/**
 * What an entity code says. Canonical text only.
 * @throws {GridError} `entity-invalid` for what does not fit the grammar or names no class; `zone-invalid`, `polar-unsupported` for its 3D
 * code.
 */
export function parseEntityText(text: string): EntityText {
  const found = TEXT.exec(text);
  const known = found === null ? undefined : entityClass(found[2]!);
  if (found === null || known === undefined) {
    const reason =
      found === null
        ? 'must be layer A, S or U, class, reading C or M, "-", a 3D code, and perhaps "-" and a part'
        : `class "${found[2]}" must be one of ENTITY_CLASSES`;
    throw new GridError('entity-invalid', `Cannot parse entity code "${text.slice(0, 60)}": ${reason}`);
  }
  const heightCoding: HeightCoding = found[3] === 'C' ? 'annexC' : 'clause6';
  return {
    layer: LAYERS[found[1]!] as EntityLayer,
    class: known.code,
    heightCoding,
    zone: beidou3d.parse(found[4]!, heightCoding),
    ...(found[5] === undefined ? {} : { part: found[5] }),
  };
}
