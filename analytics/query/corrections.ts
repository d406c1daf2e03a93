import type { StoreInternals } from '../store/internals.ts';
import type { Columns } from '../store/query-pool.ts';
import { rowsSql } from '../store/rows/rows-sql.ts';
import type { StoreState } from '../store/state.ts';
import type { CorrectedInstant, CorrectionsAnswer } from './answers.ts';
import { checkLimit, checkSpan, requireProperty } from './checks.ts';
import { QueryError } from './query-error.ts';
import { newestOf, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import type { CorrectionsQuery, Span } from './shapes.ts';

/** Corrected instants of one answer. */
export const MAX_CORRECTIONS = 10_000;

/**
 * The audit of one datastream: instants of which more than one value was said, newest first; what stands of each and what
 * it took the place of, in order of resultTime. A grant limited to an area is refused: of a Thing that moves the values
 * would tell of other places.
 *
 * @throws {QueryError} `unknown-thing`, `unknown-property`, `span-invalid`, `too-large`; `not-permitted` for a grant that is
 * limited to an area.
 */
export async function queryCorrections(
  { state, pool }: StoreInternals,
  scope: Scope,
  query: CorrectionsQuery,
): Promise<CorrectionsAnswer> {
  const span = checkSpan(query.span);
  const limit = checkLimit(query.limit, MAX_CORRECTIONS);
  const { unit } = requireProperty(state, query.property);
  if (scope.area !== null) {
    throw new QueryError('not-permitted', 'Cannot show corrections: the grant is limited to an area');
  }
  const datastreams = correctedOf(state, scope, query);
  const where = `datastream IN (${datastreams.join(',')}) AND time >= ${Math.ceil(span.from)}::BIGINT AND time < ${Math.ceil(span.to)}::BIGINT`;
  const instants = new Map<string, Mutable>();
  let total = 0;
  if (datastreams.length > 0) {
    const of = `FROM observation_superseded WHERE ${where}`;
    const counted = await pool.run(`SELECT count(*)::INTEGER FROM (SELECT DISTINCT datastream, time ${of})`);
    total = counted.columns[0]![0] as number;
    const audit = await pool.run(
      `WITH i AS (SELECT DISTINCT datastream, time ${of} ORDER BY time DESC, datastream LIMIT ${limit})
       SELECT s.datastream, s.time, s.result, s.result_delay_ms, s.superseded_at, s.restated
       FROM observation_superseded s JOIN i USING (datastream, time)
       ORDER BY s.time DESC, s.datastream, s.result_delay_ms, s.superseded_at`,
    );
    addAudit(state, instants, audit);
    const standing = standingSql(state, datastreams, span, of);
    if (standing !== null && instants.size > 0) addStanding(instants, await pool.run(standing));
  }
  const list = [...instants.values()];
  return {
    property: query.property,
    unit,
    instants: list,
    total,
    provenance: provenanceOf(
      state,
      list.map(({ dataset }) => dataset),
      newestOf(list.map(({ time }) => time)),
      'raw',
    ),
  };
}

/** Datastreams of the Thing and property that may be read and have an audit. */
function correctedOf(state: StoreState, scope: Scope, query: CorrectionsQuery): readonly number[] {
  const streams = state.dictionary
    .datastreamsOfThing(query.thing)
    .filter(({ dataset }) => scope.allows(dataset));
  const thing = state.dictionary.thing(query.thing);
  if (streams.length === 0 && (thing === undefined || !scope.allows(thing.dataset))) {
    throw new QueryError('unknown-thing', `Cannot find the Thing "${query.thing}"`);
  }
  return streams
    .filter(
      ({ dataset, property }) => property === query.property && scope.allowsReading(dataset, property, false),
    )
    .map(({ id }) => id)
    .filter((id) => state.superseded.hasStream(id));
}

function addAudit(state: StoreState, instants: Map<string, Mutable>, { n, columns }: Columns): void {
  for (let row = 0; row < n; row++) {
    const [datastream, time, result, delay, at, restated] = columns.map((column) => column[row]);
    const key = `${datastream} ${time}`;
    let instant = instants.get(key);
    if (instant === undefined) {
      const { dataset } = state.dictionary.datastream(datastream as number)!;
      instant = { dataset, time: Number(time), standing: [], superseded: [] };
      instants.set(key, instant);
    }
    instant.superseded.push({
      result: result as number,
      resultTime: Number(time) + (delay as number),
      position: Number(at),
      restated: restated as boolean,
    });
  }
}

function standingSql(
  state: StoreState,
  datastreams: readonly number[],
  span: Span,
  of: string,
): string | null {
  const datasets = new Set(
    datastreams.map((id) => state.dictionary.datasetId(state.dictionary.datastream(id)!.dataset)!),
  );
  const rows = rowsSql(state, {
    spans: [span],
    datasets: [...datasets],
    properties: null,
    datastreams,
    columns: ['datastream', 'time', 'result', 'result_delay_ms'],
  });
  if (rows === null) return null;
  return `SELECT o.* FROM (${rows}) o SEMI JOIN (SELECT datastream, time ${of}) i
    ON o.datastream = i.datastream AND o.time = i.time`;
}

function addStanding(instants: Map<string, Mutable>, { n, columns }: Columns): void {
  for (let row = 0; row < n; row++) {
    const [datastream, time, result, delay] = columns.map((column) => column[row]);
    instants
      .get(`${datastream} ${time}`)
      ?.standing.push({ result: result as number, resultTime: Number(time) + (delay as number) });
  }
}

type Mutable = Pick<CorrectedInstant, 'dataset' | 'time'> & {
  readonly standing: CorrectedInstant['standing'][number][];
  readonly superseded: CorrectedInstant['superseded'][number][];
};
