/** What `grid encode` asks of a grid: codes of a batch of positions, written as bytes, and the reason for one that is refused. */
import {
  beidou2d,
  beidou3d,
  beidouSolidTextBytes,
  beidouTextBytes,
  GRIDS,
  GridError,
  type HeightCoding,
  type SolidZones,
} from '../../../grid/index.ts';
import type { ByteWriter } from './byte-writer.ts';

/** A grid the command line knows. */
export type CodingId = 'h3' | 'beidou2d' | 'beidou3d';
export const CODING_IDS: readonly CodingId[] = ['h3', 'beidou2d', 'beidou3d'];

/** The codes of one batch, asked row by row. */
export interface CodedBatch {
  isRefused(row: number): boolean;
  /** `"code":"...","id":"..."` and, in 3D, `,"layer":n`. @param ownId - The line has an `id`: the zone's is `zoneId`. */
  writeMembers(row: number, out: ByteWriter, ownId: boolean): void;
}

export interface Coder {
  readonly id: CodingId;
  readonly needsHeight: boolean;
  /** Members the output adds, besides `id`. */
  readonly members: readonly string[];
  encodeBatch(lonDeg: Float64Array, latDeg: Float64Array, heightM: Float64Array): CodedBatch;
  /** The added members for one position. @throws {GridError} when it is refused. */
  encode(lonDeg: number, latDeg: number, heightM: number): Readonly<Record<string, string | number>>;
}

const ascii = new TextEncoder();
const CODE = ascii.encode('"code":"');
const ID = ascii.encode('","id":"');
const ZONE_ID = ascii.encode('","zoneId":"');
const QUOTE = ascii.encode('"');
const LAYER = ascii.encode('","layer":');

const wordsOf = (ids: BigUint64Array): Uint32Array =>
  new Uint32Array(ids.buffer, ids.byteOffset, ids.length * 2);
/** Both words of `NO_ZONE` are all ones; no zone's are. */
const isNoZone = (words: Uint32Array, row: number): boolean =>
  words[2 * row] === 0xffff_ffff && words[2 * row + 1] === 0xffff_ffff;

/** @throws {GridError} `position-invalid` when a longitude or latitude is missing. */
function checkMembers(lonDeg: number, latDeg: number): void {
  if (Number.isNaN(lonDeg)) throw new GridError('position-invalid', '"lon" must be a number');
  if (Number.isNaN(latDeg)) throw new GridError('position-invalid', '"lat" must be a number');
}

/** The coder of a grid at a level, which the caller has checked. */
export function coderOf(id: CodingId, level: number, coding: HeightCoding): Coder {
  if (id === 'beidou3d') return solidCoder(level, coding);
  const grid = GRIDS[id];
  return {
    id,
    needsHeight: false,
    members: ['code', 'zoneId'],
    encode: (lonDeg, latDeg) => {
      checkMembers(lonDeg, latDeg);
      const zone = grid.encode(lonDeg, latDeg, level);
      return { code: grid.format(zone, level), id: zone.toString() };
    },
    encodeBatch: (lonDeg, latDeg) => {
      const zones = grid.encodeBatch(lonDeg, latDeg, level);
      const words = wordsOf(zones);
      const texts = id === 'beidou2d' ? beidouTextBytes(zones, level) : undefined;
      const width = texts === undefined ? 0 : texts.length / Math.max(1, zones.length);
      return {
        isRefused: (row) => isNoZone(words, row),
        writeMembers: (row, out, ownId) => {
          out.copy(CODE, 0, CODE.length);
          if (texts === undefined) out.hexadecimal(words, row);
          else out.copy(texts, row * width, (row + 1) * width);
          const idName = ownId ? ZONE_ID : ID;
          out.copy(idName, 0, idName.length);
          out.decimal(words, row);
          out.copy(QUOTE, 0, 1);
        },
      };
    },
  };
}

function solidCoder(level: number, coding: HeightCoding): Coder {
  return {
    id: 'beidou3d',
    needsHeight: true,
    members: ['code', 'zoneId', 'layer'],
    encode: (lonDeg, latDeg, heightM) => {
      checkMembers(lonDeg, latDeg);
      if (Number.isNaN(heightM)) throw new GridError('height-invalid', '"height" must be a number, metres');
      const solid = beidou3d.encode(lonDeg, latDeg, heightM, level, coding);
      return { code: beidou3d.format(solid, coding), id: solid.zone.toString(), layer: solid.floorLayer };
    },
    encodeBatch: (lonDeg, latDeg, heightM) => {
      const solids: SolidZones = beidou3d.encodeBatch(lonDeg, latDeg, heightM, level, coding);
      const words = wordsOf(solids.zones);
      const texts = beidouSolidTextBytes(solids, level, coding);
      const width = texts.length / Math.max(1, solids.zones.length);
      return {
        isRefused: (row) => isNoZone(words, row),
        writeMembers: (row, out, ownId) => {
          out.copy(CODE, 0, CODE.length);
          out.copy(texts, row * width, (row + 1) * width);
          const idName = ownId ? ZONE_ID : ID;
          out.copy(idName, 0, idName.length);
          out.decimal(words, row);
          out.copy(LAYER, 0, LAYER.length);
          out.integer(solids.floorLayers[row]!);
        },
      };
    },
  };
}

/** Levels a grid has. */
export function levelsOf(id: CodingId): readonly [min: number, max: number] {
  const grid = id === 'beidou3d' ? beidou2d : GRIDS[id];
  return [grid.minLevel, grid.maxLevel];
}
