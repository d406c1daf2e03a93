/** `grid`: positions to zones and back, and the zones that cover a shape. No server needed. */
import { stdin } from 'node:process';
import { createInterface } from 'node:readline';
import { type DggrsId, GRIDS, type GridGeometry, type ZoneGrid } from '../../grid/index.ts';
import { type Command, CommandError, type Invocation, number, print, text, UsageError } from './command.ts';

/** Zones of one cover at most. */
const COVER_MAX = 1_000_000;

export const grid: Command = {
  name: 'grid',
  summary: 'Encode positions, decode zones, cover shapes',
  help: `Usage: jingwei grid encode --dggrs h3|beidou2d --level <n> [<lon> <lat>]
       jingwei grid decode --dggrs h3|beidou2d [<zone> ...]
       jingwei grid cover  --dggrs h3|beidou2d --level <n> [--max <zones>]

Degrees, CGCS2000 / WGS 84, longitude first. Without arguments, encode and decode read NDJSON
from standard input and write NDJSON: encode takes [lon, lat] or {"lon":..,"lat":..}, decode takes
"zone" or {"zone":..}. cover reads GeoJSON geometries or features, one a line.
  jingwei grid encode --dggrs beidou2d --level 5 104.61 35.58
  jingwei grid decode --dggrs h3 873d1b6a3ffffff`,
  options: { dggrs: { type: 'string' }, level: { type: 'string' }, max: { type: 'string' } },
  async run(invocation) {
    const [action, ...args] = invocation.positionals;
    const chosen = gridOf(invocation);
    switch (action) {
      case 'encode':
        await encode(chosen, levelOf(invocation, chosen), args);
        return 0;
      case 'decode':
        await decode(chosen, args);
        return 0;
      case 'cover':
        await cover(chosen, levelOf(invocation, chosen), number(invocation, 'max', 1, COVER_MAX) ?? 10_000);
        return 0;
      default:
        throw new UsageError('One of encode, decode, cover is wanted');
    }
  },
};

function gridOf(invocation: Invocation): ZoneGrid {
  const id = text(invocation, 'dggrs') ?? 'h3';
  if (id in GRIDS) return GRIDS[id as DggrsId];
  throw new UsageError(`--dggrs is one of ${Object.keys(GRIDS).join(', ')}`);
}

function levelOf(invocation: Invocation, chosen: ZoneGrid): number {
  const level = number(invocation, 'level', chosen.minLevel, chosen.maxLevel);
  if (level === undefined) throw new UsageError('--level is missing');
  return level;
}

async function encode(chosen: ZoneGrid, level: number, args: readonly string[]): Promise<void> {
  if (args.length > 0) {
    if (args.length !== 2) throw new UsageError('A longitude and a latitude are wanted');
    print(chosen.format(chosen.encode(Number(args[0]), Number(args[1]), level), level));
    return;
  }
  for await (const { value, line } of input()) {
    const [lon, lat] = lonLatOf(value, line);
    print(JSON.stringify(tell(line, () => chosen.format(chosen.encode(lon, lat, level), level))));
  }
}

async function decode(chosen: ZoneGrid, args: readonly string[]): Promise<void> {
  if (args.length > 0) for (const zone of args) print(JSON.stringify(describe(chosen, zone)));
  else {
    for await (const { value, line } of input()) {
      const zone = typeof value === 'object' && value !== null && 'zone' in value ? value.zone : value;
      if (typeof zone !== 'string') throw new CommandError(`Line ${line}: a zone is wanted`);
      print(JSON.stringify(tell(line, () => describe(chosen, zone))));
    }
  }
}

async function cover(chosen: ZoneGrid, level: number, max: number): Promise<void> {
  for await (const { value, line } of input()) {
    const shape = value as { type?: unknown; geometry?: unknown } | null;
    const geometry = shape?.type === 'Feature' ? shape.geometry : shape;
    if (typeof geometry !== 'object' || geometry === null || !('coordinates' in geometry)) {
      throw new CommandError(`Line ${line}: a GeoJSON geometry is wanted`);
    }
    const zones = tell(line, () => chosen.cover(geometry as GridGeometry, level, max));
    print(
      JSON.stringify({ dggrs: chosen.id, level, zones: zones.map((zone) => chosen.format(zone, level)) }),
    );
  }
}

function describe(chosen: ZoneGrid, code: string): object {
  const { zone, level } = chosen.parse(code);
  return {
    dggrs: chosen.id,
    zone: code,
    level,
    centre: chosen.centre(zone, level),
    bounds: chosen.bounds(zone, level),
    areaM2: chosen.areaM2(zone, level),
    parent: level > chosen.minLevel ? chosen.format(chosen.parent(zone, level, level - 1), level - 1) : null,
  };
}

/** Runs it; what the grid refuses is told with its line. */
function tell<T>(line: number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new CommandError(`Line ${line}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function* input(): AsyncGenerator<{ readonly value: unknown; readonly line: number }> {
  let line = 0;
  for await (const row of createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    if (row.trim() === '') continue;
    try {
      yield { value: JSON.parse(row), line };
    } catch {
      throw new CommandError(`Line ${line}: not JSON`);
    }
  }
}

function lonLatOf(value: unknown, line: number): readonly [number, number] {
  const [lon, lat] = Array.isArray(value)
    ? value
    : typeof value === 'object' && value !== null && 'lon' in value && 'lat' in value
      ? [value.lon, value.lat]
      : [];
  if (typeof lon === 'number' && typeof lat === 'number') return [lon, lat];
  throw new CommandError(`Line ${line}: [lon, lat] or {"lon":..,"lat":..} is wanted`);
}
