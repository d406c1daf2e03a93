/** NDJSON with codes to the same objects with their place. */
import type { Refusal } from './coding-error.ts';
import { type DecodedCode, decodeCode, isRefusal } from './decode-code.ts';
import { readObject, withMembers } from './json-members.ts';
import { type Line, LineBlocks } from './line-blocks.ts';
import { faultOf, refusedLine } from './ndjson-encode.ts';
import type { DecodePlan } from './plan.ts';
import type { CodingSession } from './session.ts';

const NAMES = ['lon', 'lat', 'level', 'centre', 'bounds', 'height', 'floorM', 'topM', 'error'];

/** Decodes the member `code` (or another) of each line. */
export function ndjsonDecoder(plan: DecodePlan, field = 'code'): CodingSession {
  const blocks = new LineBlocks();
  const account = { rows: 0, refused: 0 };
  const decode = (lines: readonly Line[]) => Buffer.from(decodeLines(plan, field, lines, account));
  return {
    push: async (bytes) => decode(blocks.push(bytes)),
    end: async () => decode(blocks.end()),
    account,
  };
}

/** Objects in memory, for answers that are a JSON array. */
export function decodeObjects(
  plan: DecodePlan,
  objects: readonly unknown[],
  field = 'code',
): { readonly text: string; readonly rows: number; readonly refused: number } {
  const account = { rows: 0, refused: 0 };
  const lines = objects.map((object, i) => ({ text: JSON.stringify(object), number: i + 1 }));
  const text = decodeLines(plan, field, lines, account);
  return { text: `[${text.trimEnd().replaceAll('\n', ',')}]`, ...account };
}

function decodeLines(
  plan: DecodePlan,
  field: string,
  lines: readonly Line[],
  account: { rows: number; refused: number },
): string {
  let out = '';
  for (const line of lines) {
    const object = 'text' in line ? readObject(line.text) : undefined;
    const decoded = object === undefined ? faultOf(line) : decodeMember(plan, field, object.members[field]);
    account.rows += 1;
    if (isRefusal(decoded)) {
      account.refused += 1;
      out += `${refusedLine({ line, object }, decoded)}\n`;
    } else out += `${withMembers(object!, placeMembers(decoded), NAMES)}\n`;
  }
  return out;
}

function decodeMember(plan: DecodePlan, field: string, value: unknown): DecodedCode | Refusal {
  if (typeof value === 'string') return decodeCode(plan, value);
  if (value === undefined || value === null)
    return { code: 'zone-invalid', message: `Member "${field}" is missing: a code is wanted` };
  return {
    code: 'zone-invalid',
    message: `Member "${field}" is ${JSON.stringify(value).slice(0, 60)}: a code is wanted`,
  };
}

/** In 3D `height` is the floor, so that what was decoded can be encoded again; centre and bounds have their heights too. */
function placeMembers({ level, anchor, centre, bounds, height }: DecodedCode): string {
  const place = `"lon":${anchor[0]},"lat":${anchor[1]},"level":${level}`;
  if (height === undefined) return `${place},"centre":[${centre}],"bounds":[${bounds}]`;
  const { floorM, topM } = height;
  const [west, south, east, north] = bounds;
  const middle = (floorM + topM) / 2;
  return `${place},"height":${floorM},"centre":[${centre},${middle}],"bounds":[${west},${south},${floorM},${east},${north},${topM}],"floorM":${floorM},"topM":${topM}`;
}
