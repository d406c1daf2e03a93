/** `grid decode`: codes back to places, one line for one line, in order. */
import {
  beidou2d,
  beidou3d,
  beidouAnchor,
  GRIDS,
  type HeightCoding,
  parseBeidou3d,
} from '../../../grid/index.ts';
import { say } from '../command.ts';
import { ByteWriter } from './byte-writer.ts';
import { LINE_MAX_BYTES, lineChunks } from './chunks.ts';
import type { CodingId } from './coder.ts';
import type { LineCounts } from './encode.ts';
import { parsedLine, type Refused, refusedBy, refusedLine } from './refused.ts';

/**
 * Where a code lies: `lon`, `lat` of its anchor (for H3, which has none, of its centre), `centre`, `bounds` [west, south, east, north],
 * `level`. In 3D also `height` of the anchor, which is the floor, `floorM` and `topM`; `centre` and `bounds` then have a height too:
 * [lon, lat, m] and [west, south, floorM, east, north, topM].
 * @throws {GridError} `zone-invalid`, `polar-unsupported`.
 */
export function placeOf(id: CodingId, code: string, coding: HeightCoding): Readonly<Record<string, unknown>> {
  if (id === 'beidou3d') {
    const { zone2d, level, floorM, topM } = parseBeidou3d(code, coding);
    const [lon, lat] = beidouAnchor(zone2d, level);
    const [west, south, east, north] = beidou2d.bounds(zone2d, level);
    return {
      lon,
      lat,
      height: floorM,
      centre: [...beidou2d.centre(zone2d, level), (floorM + topM) / 2],
      bounds: [west, south, floorM, east, north, topM],
      level,
      floorM,
      topM,
    };
  }
  const grid = GRIDS[id];
  const { zone, level } = grid.parse(code);
  const centre = grid.centre(zone, level);
  const [lon, lat] = id === 'beidou2d' ? beidouAnchor(zone, level) : centre;
  return { lon, lat, centre, bounds: grid.bounds(zone, level), level };
}

/** A code given on the command line, with what one asks for once: area and parent. */
export function describe(
  id: CodingId,
  code: string,
  coding: HeightCoding,
): Readonly<Record<string, unknown>> {
  const place = placeOf(id, code, coding);
  const level = place.level as number;
  if (id === 'beidou3d') {
    const solid = beidou3d.parse(code, coding);
    const parent = level > 1 ? beidou3d.format(beidou3d.parent(solid, level - 1, coding), coding) : null;
    return { dggrs: id, code, heightCoding: coding, ...place, parent };
  }
  const grid = GRIDS[id];
  const { zone } = grid.parse(code);
  return {
    dggrs: id,
    zone: code,
    ...place,
    areaM2: grid.areaM2(zone, level),
    parent: level > grid.minLevel ? grid.format(grid.parent(zone, level, level - 1), level - 1) : null,
  };
}

/** Answers every line of standard input but blank ones. A line is `{"code":".."}`, `{"zone":".."}` or a text. */
export async function decodeLines(id: CodingId, coding: HeightCoding): Promise<LineCounts> {
  const out = new ByteWriter();
  const counts: LineCounts = { coded: 0, refused: 0 };
  const refuse = (refused: Refused, value: unknown, line: number, text: string): void => {
    counts.refused += 1;
    out.text(`${refusedLine(refused, value, line, text)}\n`);
  };
  for await (const chunk of lineChunks()) {
    if ('longLine' in chunk) {
      const message = `Cannot read line ${chunk.longLine}: longer than ${LINE_MAX_BYTES} bytes`;
      refuse({ code: 'line-too-long', message }, undefined, chunk.longLine, chunk.start);
    } else {
      let line = chunk.firstLine - 1;
      for (const raw of chunk.bytes.toString('utf8').split('\n')) {
        line += 1;
        const text = raw.trim();
        if (text === '') continue;
        const parsed = parsedLine(text);
        const code = parsed === undefined ? undefined : codeOf(parsed.value);
        if (parsed === undefined || code === undefined) {
          const message = `Cannot read line ${line}: ${parsed === undefined ? 'not JSON' : '{"code":".."} is wanted'}`;
          refuse({ code: 'json-invalid', message }, parsed?.value, line, text);
          continue;
        }
        try {
          const members = typeof parsed.value === 'string' ? { code } : (parsed.value as object);
          const answer = JSON.stringify({ ...members, ...placeOf(id, code, coding) });
          out.text(`${answer}\n`);
          counts.coded += 1;
        } catch (error) {
          refuse(refusedBy(error), parsed.value, line, text);
        }
      }
    }
    await out.flush();
  }
  say(`${counts.coded} lines decoded, ${counts.refused} refused`);
  return counts;
}

function codeOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, zone } = value as { readonly code?: unknown; readonly zone?: unknown };
  if (typeof code === 'string') return code;
  return typeof zone === 'string' ? zone : undefined;
}
