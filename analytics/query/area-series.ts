import type { StoreInternals } from '../store/internals.ts';
import type { SeriesQueryAnswer } from './answers.ts';
import { type Divisions, resolveArea } from './area.ts';
import { areaPieces } from './area-rows.ts';
import { bucketsOf } from './buckets.ts';
import { checkSpan, requireProperty } from './checks.ts';
import { partsProvenance } from './cube.ts';
import { gatherParts } from './gather-parts.ts';
import { QueryError } from './query-error.ts';
import type { Scope } from './scope.ts';
import { seriesOf } from './series.ts';
import type { AreaRef, SeriesQuery } from './shapes.ts';

/** A property over time in an area: zones wholly inside from rollups, the edge from its rows. */
export async function queryAreaSeries(
  internals: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: SeriesQuery & { readonly area: AreaRef },
): Promise<SeriesQueryAnswer> {
  if (query.thing !== undefined || query.zone !== undefined) {
    throw new QueryError('area-invalid', 'Cannot take an area beside a Thing or a zone: one of the three');
  }
  const { state } = internals;
  const span = checkSpan(query.span);
  const { unit } = requireProperty(state, query.property);
  const { starts, request, answer } = bucketsOf(state, span, query);
  const propertyId = state.dictionary.propertyId(query.property);
  const { rows, answeredFrom, plan } = await gatherParts(
    internals,
    scope,
    { span, properties: propertyId === undefined ? [] : [propertyId], ...request },
    areaPieces(scope, resolveArea(scope, divisions, query.area)),
  );
  return {
    ...seriesOf(query.property, unit, answer, starts, rows),
    provenance: partsProvenance(internals, rows, answeredFrom, plan),
  };
}
