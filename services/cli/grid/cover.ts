/** `grid cover`: the zones of each feature, one line a feature. */
import { type CoverMode, GRIDS } from '../../../grid/index.ts';
import { say } from '../command.ts';
import { ByteWriter } from './byte-writer.ts';
import type { CodingId } from './coder.ts';
import { features } from './geojson-in.ts';
import { type Refused, refusedBy } from './refused.ts';

export interface CoverOptions {
  readonly dggrs: Exclude<CodingId, 'beidou3d'>;
  readonly level: number;
  readonly mode: CoverMode;
  readonly isCompact: boolean;
  readonly maxZones: number;
}

/**
 * Answers every feature of standard input: `{id?, dggrs, level, mode, zones}`, with `"compact": true` when the zones are of several
 * levels; a refused one `{error, id?, line}`.
 */
export async function coverFeatures(options: CoverOptions): Promise<void> {
  const out = new ByteWriter();
  const { dggrs, level, mode, isCompact } = options;
  let [covered, refused] = [0, 0];
  for await (const { line, id, geometry, refused: unread } of features()) {
    const named = id === undefined ? {} : { id };
    try {
      if (geometry === undefined) throw new UnreadFeature(unread!);
      const zones = zonesOf(options, geometry);
      const head = { ...named, dggrs, level, mode, ...(isCompact ? { compact: true } : {}) };
      out.text(`${JSON.stringify({ ...head, zones })}\n`);
      covered += 1;
    } catch (error) {
      const { code, message } = error instanceof UnreadFeature ? error.refused : refusedBy(error);
      out.text(`${JSON.stringify({ error: { code, message }, ...named, line })}\n`);
      refused += 1;
    }
    await out.flush();
  }
  say(`${covered} features covered, ${refused} refused`);
}

/** A record that is no feature, on its way to the one place that answers refusals. */
class UnreadFeature extends Error {
  readonly refused: Refused;

  constructor(refused: Refused) {
    super(refused.message);
    this.refused = refused;
  }
}

function zonesOf(
  { dggrs, level, mode, isCompact, maxZones }: CoverOptions,
  geometry: Parameters<(typeof GRIDS)['h3']['cover']>[0],
): readonly string[] {
  const grid = GRIDS[dggrs];
  if (isCompact) {
    const { zones, levels } = grid.coverCompact(geometry, level, maxZones, mode);
    return Array.from(zones, (zone, n) => grid.format(zone, levels[n]!));
  }
  return grid.formatBatch(BigUint64Array.from(grid.cover(geometry, level, maxZones, mode)), level);
}
