/** A query shape over HTTP: one schema and one answer, asked by address (GET) or, where an address is too short, by body. */
import { z } from 'zod';
import { HttpProblem } from '../problem.ts';
import { param, readBody, readParameters, readQuery } from './query.ts';
import { type Call, type GuardedRoute, READERS } from './route.ts';

export interface Shape {
  readonly name: string;
  readonly summary: string;
  /** Reads the parameters and answers. */
  ask(parameters: unknown, call: Call): Promise<unknown>;
  readonly route: GuardedRoute;
}

/** A shape at `/api/v1/<name>`. */
export function shape<S extends z.ZodType>(
  name: string,
  summary: string,
  schema: S,
  answer: (query: z.output<S>, call: Call) => Promise<unknown>,
): Shape {
  return {
    name,
    summary,
    ask: async (parameters, call) => answer(readParameters(parameters, schema), call),
    route: {
      method: 'GET',
      path: `/api/v1/${name}`,
      summary,
      roles: READERS,
      handle: async (call) => answer(readQuery(call.req, schema), call),
    },
  };
}

const bodySchema = z.record(z.string().max(64), z.unknown());

/**
 * The same questions by body: a JSON object with the parameters of the address, and a polygon as GeoJSON. For areas that no
 * address has room for.
 */
export function byBody(shapes: readonly Shape[]): GuardedRoute {
  const byName = new Map(shapes.map((one) => [one.name, one]));
  return {
    method: 'POST',
    path: '/api/v1/query/:shape',
    summary: 'Any of the questions with its parameters in the body: for polygons too long for an address',
    roles: READERS,
    body: 'json',
    async handle(call) {
      const name = param(call.req, 'shape');
      const found = byName.get(name);
      if (found === undefined) {
        throw new HttpProblem(
          404,
          'unknown-shape',
          `There is no question "${name}": ${[...byName.keys()].join(', ')}`,
        );
      }
      return found.ask(asParameters(readBody(call.req, bodySchema)), call);
    },
  };
}

/** Values as an address has them: text, or lists of it. What is neither is named by the schema of the shape. */
function asParameters(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = (value: unknown): unknown => {
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (Array.isArray(value) && value.every((item) => typeof item === 'number')) return value.join(',');
    if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
    return JSON.stringify(value);
  };
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, text(value)]));
}
