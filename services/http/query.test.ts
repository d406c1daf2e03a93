import type { Request } from 'express';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HttpProblem } from '../problem.ts';
import { bbox, grid, readBody, readQuery, textList, whole } from './query.ts';

function refusal(act: () => unknown): HttpProblem {
  try {
    act();
  } catch (error) {
    if (error instanceof HttpProblem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('readQuery', () => {
  const schema = z.strictObject({
    dggrs: grid,
    level: whole(0, 15),
    bbox: bbox.optional(),
    things: textList,
  });

  it('names every wrong parameter at once: wrong, missing and unknown', () => {
    const query = { level: '99', bbox: '1,2', colour: 'red', size: '3' };
    const problem = refusal(() => readQuery({ query } as unknown as Request, schema));
    expect(problem.extensions.problems).toEqual([
      { where: 'dggrs', message: 'is missing' },
      { where: 'level', message: 'must be at most 15' },
      { where: 'bbox', message: 'must be "west,south,east,north" in degrees, south not above north' },
      { where: 'things', message: 'is missing' },
      { where: 'colour', message: 'is not known here' },
      { where: 'size', message: 'is not known here' },
    ]);
    expect(problem.message).toBe(
      'The query is not valid: dggrs: is missing; level: must be at most 15; ' +
        'bbox: must be "west,south,east,north" in degrees, south not above north; things: is missing; ' +
        'colour: is not known here; size: is not known here',
    );
  });
});

describe('readBody', () => {
  it('says of what is not there that it is missing, and counts what its sentence leaves out', () => {
    const body = Array.from({ length: 12 }, () => ({ n: 'x' }));
    const schema = z.array(z.strictObject({ id: z.number(), n: z.string() }));
    const problem = refusal(() => readBody({ body } as Request, schema));
    expect(problem.extensions.problems).toHaveLength(12);
    expect(problem.message).toMatch(
      /^The body is not valid: \/0\/id: is missing; .*\/9\/id: is missing; and 2 more$/,
    );
  });
});
