/** Coded entities read back: the boxes to draw, the heights, and a plain form for tables and files. */

import type { HeightCoding } from '../beidou/beidou3d.ts';
import { layerFloorM } from '../beidou/beidou3d-layers.ts';
import { GridError } from '../errors.ts';
import type { GridBox } from '../geometry/geometry.ts';
import { solidVolumeM3 } from '../solid/read-solid.ts';
import { solidBoxes } from '../solid/solid-boxes.ts';
import { formatSolidRuns, parseSolidRuns } from '../solid/solid-text.ts';
import type { SolidZoneSet } from '../solid.ts';
import type { EntityCode } from './encode-entity.ts';
import { type EntityClass, type EntityLayer, entityClass } from './entity-class.ts';
import { parseEntityText } from './entity-text.ts';

/** What zones show on a map. */
export interface EntityExtent {
  /** `[west, south, floorM, east, north, topM]`, degrees and metres above the ellipsoid; neighbours joined, none overlaps another. */
  readonly boxes: readonly GridBox[];
  /** Lowest floor and highest top of its zones, metres above the ellipsoid; NaN where there are no zones. */
  readonly floorM: number;
  readonly topM: number;
  /** Room of the zones: at least that of the entity, for zones that `intersects` chose. */
  readonly volumeM3: number;
}

/** An entity read back: class in words, its extent, and that of each part. */
export interface EntityReading extends EntityExtent {
  readonly id: string;
  readonly class: EntityClass;
  readonly layer: EntityLayer;
  readonly parts: readonly (EntityExtent & { readonly part: string; readonly layer: EntityLayer })[];
}

/** Reads a coded entity back: boxes to draw, heights, volume, storey by storey. @throws {GridError} `entity-invalid` for an unknown class. */
export function decodeEntity(code: EntityCode): EntityReading {
  const known = entityClass(code.class);
  if (known === undefined)
    throw new GridError('entity-invalid', `Cannot read class "${code.class}": must be one of ENTITY_CLASSES`);
  return {
    id: code.id,
    class: known,
    layer: code.layer,
    ...extentOf(code.zones),
    parts: code.parts.map(({ part, layer, zones }) => ({ part, layer, ...extentOf(zones) })),
  };
}

function extentOf(set: SolidZoneSet): EntityExtent {
  const lowest = set.floorLayers.reduce((least, layer) => Math.min(least, layer), Number.POSITIVE_INFINITY);
  const highest = set.topLayers.reduce((most, layer) => Math.max(most, layer), Number.NEGATIVE_INFINITY);
  return {
    boxes: solidBoxes(set, { merge: true }),
    floorM: set.zones.length === 0 ? Number.NaN : layerFloorM(lowest),
    topM: set.zones.length === 0 ? Number.NaN : layerFloorM(highest),
    volumeM3: solidVolumeM3(set),
  };
}

/** A coded entity as plain JSON: everything in texts. `runs` as `formatSolidRuns` writes them. */
export interface EntityRecord {
  readonly id: string;
  readonly text: string;
  readonly level: number;
  readonly heightCoding: HeightCoding;
  readonly runs: readonly string[];
  readonly parts: readonly { readonly text: string; readonly runs: readonly string[] }[];
}

/** A coded entity as plain JSON, for a file, a column or a message. */
export function formatEntity(code: EntityCode): EntityRecord {
  return {
    id: code.id,
    text: code.text,
    level: code.level,
    heightCoding: code.heightCoding,
    runs: formatSolidRuns(code.zones),
    parts: code.parts.map(({ text, zones }) => ({ text, runs: formatSolidRuns(zones) })),
  };
}

/**
 * The coded entity a record of `formatEntity` stands for.
 * @throws {GridError} `entity-invalid` for texts that are no entity codes, parts without a name, and readings of the heights that differ;
 * `zone-invalid`, `polar-unsupported` for runs.
 */
export function parseEntity(record: EntityRecord): EntityCode {
  const { id, level, heightCoding } = record;
  const own = readText(record.text, heightCoding);
  return {
    id,
    class: own.class,
    layer: own.layer,
    level,
    heightCoding,
    text: record.text,
    zones: parseSolidRuns(record.runs, heightCoding),
    parts: record.parts.map(({ text, runs }) => {
      const { part, class: partClass, layer } = readText(text, heightCoding);
      if (part === undefined)
        throw new GridError('entity-invalid', `Cannot read part "${text.slice(0, 60)}": it names no part`);
      return { part, class: partClass, layer, text, zones: parseSolidRuns(runs, heightCoding) };
    }),
  };
}

function readText(text: string, heightCoding: HeightCoding): ReturnType<typeof parseEntityText> {
  const read = parseEntityText(text);
  if (read.heightCoding === heightCoding) return read;
  throw new GridError(
    'entity-invalid',
    `Cannot read entity code "${text.slice(0, 60)}": its heights are read as ${read.heightCoding}, the record says ${heightCoding}`,
  );
}
