/** `grid`: positions to codes and back, and the zones that cover a shape. No server needed. */
import type { CoverMode, HeightCoding } from '../../../grid/index.ts';
import { type Command, CommandError, type Invocation, number, print, text, UsageError } from '../command.ts';
import { CODING_IDS, type CodingId, coderOf, levelsOf } from './coder.ts';
import { coverFeatures } from './cover.ts';
import { decodeLines, describe } from './decode.ts';
import { encodeLines } from './encode.ts';

/** Zones of one cover at most. */
const COVER_MAX = 10_000_000;
const COVER_DEFAULT = 1_000_000;
const MODES: readonly CoverMode[] = ['intersects', 'within', 'centre'];
const HEIGHT_CODINGS: readonly HeightCoding[] = ['annexC', 'clause6'];

export const grid: Command = {
  name: 'grid',
  summary: 'Encode positions, decode zones, cover shapes',
  help: `Usage: jingwei grid encode --dggrs h3|beidou2d|beidou3d --level <n> [--height-coding annexC|clause6]
                           [<lon> <lat> [<height>]]
       jingwei grid decode --dggrs h3|beidou2d|beidou3d [--height-coding annexC|clause6] [<code> ...]
       jingwei grid cover  --dggrs h3|beidou2d --level <n> [--mode intersects|within|centre]
                           [--compact] [--max <zones>]

Degrees, CGCS2000 / WGS 84, longitude first; heights are metres above the ellipsoid, not above sea level.

encode and decode read NDJSON from standard input and write NDJSON, one line for each but blank ones, in order.
  encode takes {"lon":..,"lat":..,"height":..} (or [lon, lat, height]; the height for beidou3d only) and adds
    "code", "id" (the packed 64-bit id in decimal; for beidou3d that of the 2D zone) and, for beidou3d,
    "layer" (the number of the level-10 layer at the floor). A line's own "id" stays, and the zone's is
    "zoneId" then; beside a "code" both are of an earlier coding and are replaced.
  decode takes {"code":".."} (or "code") and adds "lon", "lat" (of the anchor; of the centre for h3), "centre",
    "bounds" [west, south, east, north], "level"; for beidou3d also "height", "floorM", "topM", and a height
    in "centre" and "bounds" [west, south, floor, east, north, top].
A line that is refused becomes {"error":{"code":..,"message":..}, ...}, with its own members, or with "line" and
"input" when it is no object; the rest goes on, the counts stand on standard error, the exit code is 0.
cover reads GeoJSON (geometry, Feature, FeatureCollection; one document, one a line, or an RFC 8142 sequence)
and writes a line a feature: {"id","dggrs","level","mode","zones":[..]}. --compact joins complete sets of
children; --max bounds the zones of a feature (${COVER_DEFAULT}).
  jingwei grid encode --dggrs beidou2d --level 5 104.61 35.58
  jingwei grid decode --dggrs h3 873d1b6a3ffffff
  jingwei grid encode --dggrs beidou3d --level 9 < positions.ndjson > coded.ndjson`,
  options: {
    dggrs: { type: 'string' },
    level: { type: 'string' },
    'height-coding': { type: 'string' },
    mode: { type: 'string' },
    compact: { type: 'boolean' },
    max: { type: 'string' },
  },
  async run(invocation) {
    const [action, ...args] = invocation.positionals;
    const id = oneOf(invocation, 'dggrs', CODING_IDS, 'h3');
    const coding = oneOf(invocation, 'height-coding', HEIGHT_CODINGS, 'annexC');
    switch (action) {
      case 'encode':
        if (args.length > 0) encodeOne(id, levelOf(invocation, id), coding, args);
        else await encodeLines(coderOf(id, levelOf(invocation, id), coding));
        return 0;
      case 'decode':
        if (args.length > 0)
          for (const code of args) print(JSON.stringify(told(() => describe(id, code, coding))));
        else await decodeLines(id, coding);
        return 0;
      case 'cover':
        if (id === 'beidou3d') throw new UsageError('cover takes --dggrs h3 or beidou2d');
        await coverFeatures({
          dggrs: id,
          level: levelOf(invocation, id),
          mode: oneOf(invocation, 'mode', MODES, 'intersects'),
          isCompact: invocation.options.compact === true,
          maxZones: number(invocation, 'max', 1, COVER_MAX) ?? COVER_DEFAULT,
        });
        return 0;
      default:
        throw new UsageError('One of encode, decode, cover is wanted');
    }
  },
};

function oneOf<T extends string>(
  invocation: Invocation,
  name: string,
  allowed: readonly T[],
  otherwise: T,
): T {
  const value = text(invocation, name) ?? otherwise;
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new UsageError(`--${name} is one of ${allowed.join(', ')}`);
  return found;
}

function levelOf(invocation: Invocation, id: CodingId): number {
  const level = number(invocation, 'level', ...levelsOf(id));
  if (level === undefined) throw new UsageError('--level is missing');
  if (!Number.isInteger(level)) throw new UsageError(`--level is "${level}": a whole number is wanted`);
  return level;
}

function encodeOne(id: CodingId, level: number, coding: HeightCoding, args: readonly string[]): void {
  const wanted = id === 'beidou3d' ? 3 : 2;
  if (args.length !== wanted) {
    throw new UsageError(`A longitude, a latitude${wanted === 3 ? ' and a height' : ''} are wanted`);
  }
  // An empty argument is a value that is missing, not 0.
  const [lon, lat, height] = args.map((arg) => (arg.trim() === '' ? Number.NaN : Number(arg)));
  print(String(told(() => coderOf(id, level, coding).encode(lon!, lat!, height ?? 0)).code));
}

/** Runs it; what the grid refuses is told without a stack. */
function told<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}
