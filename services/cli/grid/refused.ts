/** A line that is refused, as the output says it: the reason first, then what was read. */
import { type GridErrorCode, isGridError } from '../../../grid/index.ts';

/** `json-invalid`: the line is no JSON, or no position; `line-too-long`; or the code of the grid that refused it. */
export interface Refused {
  readonly code: GridErrorCode | 'json-invalid' | 'line-too-long';
  readonly message: string;
}

/** Most characters of a line that is no JSON that the answer repeats. */
const INPUT_MAX_CHARS = 1_000;

/** What a call refuses, as a value; what is no refusal of the grid is thrown on. */
export function refusedBy(error: unknown): Refused {
  if (isGridError(error)) return { code: error.code, message: error.message };
  throw error;
}

/**
 * The answer to a refused line: with its own members, as they were written, when it is an object, else with its number and its text.
 * @param input - The line without blanks around it.
 */
export function refusedLine(refused: Refused, value: unknown, line: number, input: string): string {
  const error = { code: refused.code, message: refused.message };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return JSON.stringify({ error, line, input: input.slice(0, INPUT_MAX_CHARS) });
  }
  const { error: before, ...members } = value as Record<string, unknown>;
  if (before !== undefined || Object.keys(members).length === 0) return JSON.stringify({ error, ...members });
  return `{"error":${JSON.stringify(error)},${input.slice(1).trimStart()}`;
}

/** A line as JSON; undefined when it is none. */
export function parsedLine(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
