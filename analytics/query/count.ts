import type { StoreInternals } from '../store/internals.ts';
import type { CountAnswer, CountOfKind, ThingAnswer } from './answers.ts';
import { type Area, type Divisions, resolveArea } from './area.ts';
import { areaPieces } from './area-rows.ts';
import { checkSpan, requireProperty } from './checks.ts';
import { eventWhere, featureWhere } from './events.ts';
import { gatherParts } from './gather-parts.ts';
import { type ItemArea, itemArea, rangesOfItemsSql } from './item-area.ts';
import { countItems } from './items.ts';
import { newestOf, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import type { AnswerProvenance, CountQuery, Span } from './shapes.ts';
import { thingsWhere, thingsWithin } from './things.ts';

/** "All there is", on both sides of now, ms. */
const ALL_BACK_MS = 98 * 366 * 86_400_000;
const ALL_AHEAD_MS = 366 * 86_400_000;

/** How many rows a list would have, by kind, without making it. */
export async function queryCount(
  internals: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: CountQuery,
): Promise<CountAnswer> {
  const area = query.area === undefined ? null : resolveArea(scope, divisions, query.area);
  const items = area === null ? null : itemArea(scope, area);
  const span = query.span === undefined ? undefined : checkSpan(query.span);
  const placed = area !== null;
  const datasets = new Set<string>();
  const newest: (number | null)[] = [];
  let answeredFrom: AnswerProvenance['answeredFrom'] = 'latest';
  const counts: CountOfKind[] = [];
  for (const kind of new Set(query.kinds)) {
    if (kind === 'things') {
      const things = thingsOf(internals, scope, query, items);
      counts.push({ kind, atLeast: things.length, atMost: things.length });
      for (const { dataset, newestPhenomenonTime } of things) {
        datasets.add(dataset);
        newest.push(newestPhenomenonTime);
      }
    } else if (kind === 'observations') {
      const counted = await countObservations(internals, scope, query, span, area);
      counts.push({ kind, atLeast: counted.count, atMost: counted.count });
      for (const dataset of counted.datasets) datasets.add(dataset);
      newest.push(counted.newest);
      answeredFrom = counted.answeredFrom;
    } else {
      const where =
        kind === 'events'
          ? eventWhere(scope, { ...query, eventTypes: query.types, span, placed })
          : featureWhere(scope, { featureTypes: query.types, datasets: query.datasets, placed });
      const item = kind === 'events' ? 'event' : 'feature';
      counts.push({ kind, ...(await countItems(internals, scope, item, where, items)) });
      const near = items === null ? 'true' : rangesOfItemsSql(items, item === 'feature');
      const fed = await internals.pool.run(`SELECT DISTINCT dataset FROM ${item} WHERE ${where} AND ${near}`);
      for (const id of fed.columns[0]!)
        datasets.add(internals.state.dictionary.datasetName(id as number) ?? '');
      if (answeredFrom === 'latest') answeredFrom = 'raw';
    }
  }
  return { counts, provenance: provenanceOf(internals.state, datasets, newestOf(newest), answeredFrom) };
}

function thingsOf(
  { state }: StoreInternals,
  scope: Scope,
  query: CountQuery,
  area: ItemArea | null,
): readonly ThingAnswer[] {
  return area === null ? thingsWhere(state, scope, query) : thingsWithin(state, scope, query, area);
}

async function countObservations(
  internals: StoreInternals,
  scope: Scope,
  query: CountQuery,
  span: Span | undefined,
  area: Area | null,
) {
  const { state, clock } = internals;
  if (query.property !== undefined) requireProperty(state, query.property);
  const propertyId = query.property === undefined ? undefined : state.dictionary.propertyId(query.property);
  const { rows, answeredFrom } = await gatherParts(
    internals,
    scope,
    {
      span: span ?? { from: clock() - ALL_BACK_MS, to: clock() + ALL_AHEAD_MS },
      properties: query.property === undefined ? null : propertyId === undefined ? [] : [propertyId],
      datasets: query.datasets,
    },
    area === null ? undefined : areaPieces(scope, area),
  );
  return {
    count: rows.reduce((sum, row) => sum + row.n, 0),
    datasets: rows.map((row) => state.dictionary.datasetName(row.dataset) ?? ''),
    newest: newestOf(rows.map((row) => row.newest)),
    answeredFrom,
  };
}
