/** Values to fills: the zone table and its scale become the byte column that the GPU reads. */
import { EXPIRED_PERIODS, STALE_PERIODS } from '../engine/age.ts';
import { CORNERS, gridOf, writeZoneShape } from '../engine/grids.ts';
import { classColours, classOf, type ScaleName } from '../engine/scale.ts';
import type { ZoneTable } from '../engine/zone-table.ts';
import type { MapPalette } from '../theme/tokens.ts';
import { FILL, type ZoneMeshData } from './zone-mesh-layer.ts';

export interface ZoneScale {
  readonly breaks: readonly number[];
  readonly scale: ScaleName;
  /** Period of the property's feeds, ms: older than two of them is grey. */
  readonly periodMs: number;
}

/**
 * Keeps the columns of the zone mesh. Geometry is handed over again only when the table's geometry changed, colours on every
 * paint; two colour buffers alternate because deck.gl compares by identity.
 */
export class ZonePaint {
  #geometry = -1;
  #data: ZoneMeshData | null = null;
  #centres = new Float64Array(0);
  #offsets = new Float32Array(0);
  #fills: [Uint8ClampedArray, Uint8ClampedArray] = [new Uint8ClampedArray(0), new Uint8ClampedArray(0)];
  #turn = 0;
  /** Zones in which something measures the property but has no value now. Shape of `ids` at the table's level. */
  #hatched: readonly bigint[] = [];
  #hatchedKey = '';
  #moment = '';

  /** As `setSilent`, but looks only when `moment` is another one than before: Things are many and change slowly. */
  lookForSilent(moment: string, look: () => readonly bigint[]): void {
    if (moment === this.#moment) return;
    this.#moment = moment;
    this.setSilent(look());
  }

  /** @param silent - Zones of the same grid and level that have instruments but no reading. */
  setSilent(silent: readonly bigint[]): void {
    const key = silent.join();
    if (key === this.#hatchedKey) return;
    this.#hatchedKey = key;
    this.#hatched = silent;
    this.#geometry = -1;
  }

  /** @returns The mesh, or null when there is nothing to draw. */
  paint(
    table: ZoneTable,
    scale: ZoneScale,
    palette: MapPalette,
    now: number,
    lost: boolean,
  ): ZoneMeshData | null {
    const key = table.key;
    if (!key) return null;
    const silent = this.#hatched.filter((zone) => table.rowOf(zone) < 0);
    const n = table.length + silent.length;
    if (n === 0) return null;
    if (this.#geometry !== table.geometryRevision || this.#data?.length !== n) {
      this.#geometry = table.geometryRevision;
      this.#centres = new Float64Array(n * 3);
      this.#offsets = new Float32Array(n * CORNERS * 2);
      this.#centres.set(table.centres.subarray(0, table.length * 3));
      this.#offsets.set(table.offsets.subarray(0, table.length * CORNERS * 2));
      silent.forEach((zone, i) => {
        writeZoneShape(gridOf(key.dggrs), zone, key.level, this.#centres, this.#offsets, table.length + i);
      });
      this.#fills = [new Uint8ClampedArray(n * 4), new Uint8ClampedArray(n * 4)];
    }
    this.#turn = 1 - this.#turn;
    const fills = this.#fills[this.#turn] as Uint8ClampedArray;
    writeFills(fills, table, scale, palette, now, lost);
    const [r, g, b] = palette.zoneHatch;
    for (let i = table.length; i < n; i++) fills.set([r, g, b, FILL.hatch], i * 4);
    this.#data = {
      length: n,
      attributes: {
        getCentre: { value: this.#centres, size: 3 },
        getCornersA: { value: this.#offsets, size: 4, stride: 48, offset: 0 },
        getCornersB: { value: this.#offsets, size: 4, stride: 48, offset: 16 },
        getCornersC: { value: this.#offsets, size: 4, stride: 48, offset: 32 },
        getFill: { value: fills, size: 4 },
      },
    };
    return this.#data;
  }
}

function writeFills(
  fills: Uint8ClampedArray,
  table: ZoneTable,
  { breaks, scale, periodMs }: ZoneScale,
  palette: MapPalette,
  now: number,
  lost: boolean,
): void {
  const colours = classColours(scale, breaks.length + 1, palette);
  const staleBefore = now - periodMs * STALE_PERIODS;
  const expiredBefore = now - periodMs * EXPIRED_PERIODS;
  for (let row = 0; row < table.length; row++) {
    const newest = table.newest[row] as number;
    const kind = newest < expiredBefore ? FILL.hatch : lost || newest < staleBefore ? FILL.stale : FILL.value;
    const rgb =
      kind === FILL.value
        ? (colours[classOf(table.mean[row] as number, breaks)] as (typeof colours)[number])
        : kind === FILL.stale
          ? palette.zoneStale
          : palette.zoneHatch;
    fills[row * 4] = rgb[0];
    fills[row * 4 + 1] = rgb[1];
    fills[row * 4 + 2] = rgb[2];
    fills[row * 4 + 3] = kind;
  }
}
