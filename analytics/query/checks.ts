import type { ObservedProperty } from '../../ingest/model/index.ts';
import type { StoreState } from '../store/state.ts';
import { QueryError } from './query-error.ts';
import type { Span } from './shapes.ts';

/** Longest span of one question: a hundred years. */
const MAX_SPAN_MS = 100 * 366 * 86_400_000;

/** @throws {QueryError} `span-invalid` unless `from` < `to`, both finite, not more than a hundred years apart. */
export function checkSpan(span: Span): Span {
  const { from, to } = span;
  if (!Number.isFinite(from) || !Number.isFinite(to) || from >= to || to - from > MAX_SPAN_MS) {
    throw new QueryError(
      'span-invalid',
      `Cannot answer for the span ${from} to ${to}: from must be before to`,
    );
  }
  return span;
}

/** @throws {QueryError} `unknown-property` for one that neither ships nor is declared. */
export function requireProperty(state: StoreState, id: string): ObservedProperty {
  const property = state.dictionary.property(id);
  if (property === undefined) throw new QueryError('unknown-property', `Cannot find the property "${id}"`);
  return property;
}

/** @throws {QueryError} `too-large` above `max`; `span-invalid` for what is no row count. */
export function checkLimit(limit: number, max: number): number {
  if (!Number.isInteger(limit) || limit < 0) {
    throw new QueryError(
      'span-invalid',
      `Cannot answer with ${limit} rows: the limit must be a whole number`,
    );
  }
  if (limit > max) {
    throw new QueryError('too-large', `Cannot answer with ${limit} rows: at most ${max}`, {
      estimate: limit,
      limit: max,
    });
  }
  return limit;
}
