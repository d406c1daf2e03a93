/** NDJSON with positions to the same objects with their code. A refused line keeps its place and says why. */
import type { Refusal } from './coding-error.ts';
import { encodeRows } from './encode-rows.ts';
import { type JsonObject, readObject, withError, withMembers } from './json-members.ts';
import { type Line, LineBlocks, MAX_LINE_BYTES } from './line-blocks.ts';
import { type EncodePlan, needsHeight } from './plan.ts';
import type { CodingSession } from './session.ts';

/** Names of the members that hold the position. */
export interface PositionFields {
  readonly lon: string;
  readonly lat: string;
  readonly height: string;
}

export const POSITION_FIELDS: PositionFields = { lon: 'lon', lat: 'lat', height: 'height' };

interface Row {
  readonly line: Line;
  readonly object: JsonObject | undefined;
}

/** Codes with the first code of the plan. */
export function ndjsonEncoder(plan: EncodePlan, fields: PositionFields = POSITION_FIELDS): CodingSession {
  const blocks = new LineBlocks();
  const account = { rows: 0, refused: 0 };
  const code = (lines: readonly Line[]) => Buffer.from(encodeLines(plan, fields, lines, account));
  return {
    push: async (bytes) => code(blocks.push(bytes)),
    end: async () => code(blocks.end()),
    account,
  };
}

/** Objects in memory, for answers that are a JSON array. */
export function encodeObjects(
  plan: EncodePlan,
  objects: readonly unknown[],
  fields: PositionFields = POSITION_FIELDS,
): { readonly text: string; readonly rows: number; readonly refused: number } {
  const account = { rows: 0, refused: 0 };
  const lines = objects.map((object, i) => ({ text: JSON.stringify(object), number: i + 1 }));
  const text = encodeLines(plan, fields, lines, account);
  return { text: `[${text.trimEnd().replaceAll('\n', ',')}]`, ...account };
}

function encodeLines(
  plan: EncodePlan,
  fields: PositionFields,
  lines: readonly Line[],
  account: { rows: number; refused: number },
): string {
  if (lines.length === 0) return '';
  const x = new Float64Array(lines.length);
  const y = new Float64Array(lines.length);
  const heightM = new Float64Array(lines.length);
  const refusals: (Refusal | undefined)[] = new Array(lines.length);
  const rows: Row[] = new Array(lines.length);
  const high = needsHeight(plan);
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i]!;
    const object = 'text' in line ? readObject(line.text) : undefined;
    rows[i] = { line, object };
    if (object === undefined) {
      refusals[i] = faultOf(line);
      continue;
    }
    const { members } = object;
    const lon = members[fields.lon];
    const lat = members[fields.lat];
    const height = members[fields.height];
    if (typeof lon === 'number' && typeof lat === 'number') {
      x[i] = lon;
      y[i] = lat;
    } else
      refusals[i] =
        notANumber('position-invalid', fields.lon, lon) ?? notANumber('position-invalid', fields.lat, lat);
    if (!high) continue;
    if (typeof height === 'number') heightM[i] = height;
    else refusals[i] ??= notANumber('height-invalid', fields.height, height);
  }
  const coded = encodeRows(plan, { x, y, heightM }, refusals);
  account.rows += rows.length;
  account.refused += coded.refused;
  const { codes, ids, layers } = coded.columns[0]!;
  let out = '';
  for (let i = 0; i < rows.length; i += 1) {
    const refusal = coded.refusals[i];
    out +=
      refusal === undefined
        ? `${codedLine(rows[i]!.object!, codes[i]!, ids[i]!, layers?.[i])}\n`
        : `${refusedLine(rows[i]!, refusal)}\n`;
  }
  return out;
}

/**
 * An `id` that the object brought along is kept, and that of the zone stands as `zoneId`; unless it has a `code` too: then both
 * are of an earlier coding and give way.
 */
function codedLine(object: JsonObject, code: string, id: bigint, layer: number | undefined): string {
  const ownId = object.members.id !== undefined && object.members.code === undefined;
  const added = `"code":"${code}","${ownId ? 'zoneId' : 'id'}":"${id}"${layer === undefined ? '' : `,"layer":${layer}`}`;
  return withMembers(object, added, ownId ? OWN_ID_NAMES : layer === undefined ? FLAT_NAMES : SOLID_NAMES);
}

const FLAT_NAMES = ['code', 'id', 'error'];
const SOLID_NAMES = ['code', 'id', 'layer', 'error'];
const OWN_ID_NAMES = ['code', 'zoneId', 'layer', 'error'];

/** A refused line: the error first, then what the line held where that could be read. */
export function refusedLine({ line, object }: Row, refusal: Refusal): string {
  const error = JSON.stringify({ code: refusal.code, message: refusal.message });
  return object === undefined ? `{"error":${error},"line":${line.number}}` : withError(object, error);
}

/** Why a line is no object. */
export function faultOf(line: Line): Refusal {
  if ('text' in line)
    return { code: 'json-invalid', message: `Line is not a JSON object: "${line.text.slice(0, 60)}"` };
  return line.fault === 'too-long'
    ? { code: 'line-too-long', message: `Line is longer than ${MAX_LINE_BYTES} bytes` }
    : { code: 'json-invalid', message: 'Line is not UTF-8' };
}

function notANumber(
  code: 'position-invalid' | 'height-invalid',
  name: string,
  value: unknown,
): Refusal | undefined {
  if (typeof value === 'number') return undefined;
  if (value === undefined || value === null)
    return { code, message: `Member "${name}" is missing: a number is wanted` };
  const shown = JSON.stringify(value).slice(0, 60);
  return { code, message: `Member "${name}" is ${shown}: a number is wanted` };
}
