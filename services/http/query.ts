/** Readers for what comes in a request: every wrong field is named, unknown ones too. */
import type { Request } from 'express';
import { z } from 'zod';
import { type FieldProblem, HttpProblem } from '../problem.ts';

/**
 * Reads the query of a request.
 *
 * @throws {HttpProblem} 400 `invalid-query`, naming each parameter.
 */
export function readQuery<S extends z.ZodType>(req: Request, schema: S): z.output<S> {
  return check(schema, { ...req.query }, 'invalid-query', 'The query is not valid', (path) => path.join('.'));
}

/**
 * Reads the parameters of a question that did not come in an address.
 *
 * @throws {HttpProblem} 400 `invalid-query`, naming each parameter.
 */
export function readParameters<S extends z.ZodType>(parameters: unknown, schema: S): z.output<S> {
  return check(schema, parameters, 'invalid-query', 'The query is not valid', (path) => path.join('.'));
}

/**
 * Reads the JSON body of a request.
 *
 * @throws {HttpProblem} 400 `invalid-body`, with a JSON pointer for each problem.
 */
export function readBody<S extends z.ZodType>(req: Request, schema: S): z.output<S> {
  const body: unknown = req.body;
  if (body === undefined) {
    throw new HttpProblem(415, 'json-expected', 'Send JSON with "Content-Type: application/json"');
  }
  return check(schema, body, 'invalid-body', 'The body is not valid', pointer);
}

/** One path parameter as text. */
export function param(req: Request, name: string): string {
  const value = req.params[name];
  return typeof value === 'string' ? value : '';
}

/** Problems named in one answer at most: a broken list of 10,000 declarations need not be answered in full. */
const MAX_PROBLEMS = 50;
/** Of these, how many its sentence for people names. */
const MAX_NAMED = 10;

function check<S extends z.ZodType>(
  schema: S,
  value: unknown,
  code: string,
  what: string,
  where: (path: readonly PropertyKey[]) => string,
): z.output<S> {
  const result = schema.safeParse(value, { error: missing });
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => explain(issue, where));
  const named = problems
    .slice(0, MAX_NAMED)
    .map((problem) => `${problem.where === '' ? '' : `${problem.where}: `}${problem.message}`);
  const more = problems.length > MAX_NAMED ? `; and ${problems.length - MAX_NAMED} more` : '';
  const detail = `${what}: ${named.join('; ')}${more}`;
  throw new HttpProblem(400, code, detail, { extensions: { problems: problems.slice(0, MAX_PROBLEMS) } });
}

/** The message for what is not there, whatever it should have been; undefined leaves the schema's own. */
function missing(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.input === undefined && issue.code !== 'custom' ? 'is missing' : undefined;
}

function explain(
  issue: z.core.$ZodIssue,
  where: (path: readonly PropertyKey[]) => string,
): readonly FieldProblem[] {
  if (issue.code !== 'unrecognized_keys') return [{ where: where(issue.path), message: issue.message }];
  return issue.keys.map((key) => ({ where: where([...issue.path, key]), message: 'is not known here' }));
}

/** @source RFC 6901 section 3: `~` is `~0`, `/` is `~1`. */
function pointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** An instant: ISO 8601 with a zone, or epoch ms. Out: UTC ms. */
export const instant = z
  .string()
  .max(40)
  .transform((text, context) => {
    const ms = /^-?\d{1,16}$/.test(text)
      ? Number(text)
      : ISO_WITH_ZONE.test(text)
        ? Date.parse(text)
        : Number.NaN;
    // Beyond 8.64e15 ms there is no Date (ECMA-262 section 21.4.1.1).
    if (Number.isFinite(ms) && Math.abs(ms) <= 8.64e15) return ms;
    context.addIssue({ code: 'custom', message: `"${text}" must be ISO 8601 with a zone, or epoch ms` });
    return z.NEVER;
  });
const ISO_WITH_ZONE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

/** A whole number between two bounds, from text. */
export function whole(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^-?\d{1,15}$/, `must be a whole number ${min}..${max}`)
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
}

/** Texts separated by commas, or a parameter given several times. Empty ones fall away. */
export const textList = z
  .union([z.string().max(4000), z.array(z.string().max(4000)).max(100)])
  .transform((value) => (Array.isArray(value) ? value : [value]).flatMap((text) => text.split(',')))
  .transform((texts) => texts.map((text) => text.trim()).filter((text) => text !== ''))
  .pipe(z.array(z.string()).max(100));

/** `west,south,east,north` in degrees. West may be greater than east across the antimeridian. */
export const bbox = z
  .string()
  .max(200)
  .transform((text, context): [number, number, number, number] => {
    const [west, south, east, north, ...rest] = text
      .split(',')
      .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    const inside = (value: number | undefined, limit: number): value is number =>
      value !== undefined && Number.isFinite(value) && Math.abs(value) <= limit;
    if (
      rest.length === 0 &&
      inside(west, 180) &&
      inside(east, 180) &&
      inside(south, 90) &&
      inside(north, 90) &&
      south <= north
    ) {
      return [west, south, east, north];
    }
    context.addIssue({
      code: 'custom',
      message: 'must be "west,south,east,north" in degrees, south not above north',
    });
    return z.NEVER;
  });

export const grid = z.enum(['h3', 'beidou2d']);

/** A zone as one parameter: `h3:<zone id>` or `beidou2d:<zone id>`. */
export const zoneRef = z
  .string()
  .max(128)
  .regex(/^(h3|beidou2d):[\w-]+$/, 'must be "h3:<zone id>" or "beidou2d:<zone id>"')
  .transform((text) => {
    const at = text.indexOf(':');
    return { dggrs: grid.parse(text.slice(0, at)), id: text.slice(at + 1) };
  });

/** The pair `from` and `to` as a half-open span; `to` defaults to now. */
export function spanOf(
  query: { readonly from?: number | undefined; readonly to?: number | undefined },
  now: number,
): { readonly from: number; readonly to: number } | undefined {
  if (query.from === undefined && query.to === undefined) return undefined;
  if (query.from === undefined)
    throw new HttpProblem(400, 'invalid-query', 'The query is not valid: "to" needs "from"');
  const to = query.to ?? now;
  if (to > query.from) return { from: query.from, to };
  throw new HttpProblem(400, 'span-invalid', 'The query is not valid: "to" must be after "from"');
}
