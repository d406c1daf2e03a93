/** Questions at any size: what a screen asks of a viewport, and an analyst of the rows. */
import { isQueryError, type Queries } from '../../analytics/index.ts';
import { h3, type ZoneGrid } from '../../grid/index.ts';
import { PROPERTY, thingName } from './city-batches.ts';
import { type City, DAY_MS, HOUR_MS } from './city-rows.ts';
import { ALL, median, percentile, short } from './report.ts';
import { viewport } from './viewports.ts';

export interface Measured {
  readonly name: string;
  readonly ms: readonly number[];
  /** Zones or buckets of the answers. */
  readonly groups: readonly number[];
  /** Where the answers came from, each once. */
  readonly from: ReadonlySet<string>;
}

/**
 * Runs it so often, one after another. A refusal counts as a wait without end.
 *
 * @throws {Error} when every answer is empty: then nothing was measured.
 */
export async function measure(
  name: string,
  times: number,
  ask: () => Promise<{ readonly groups: number; readonly from: string }>,
): Promise<Measured> {
  const ms: number[] = [];
  const groups: number[] = [];
  const from = new Set<string>();
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    const answer = await ask().catch(refusal);
    ms.push(answer.from.startsWith('refused') ? Number.POSITIVE_INFINITY : performance.now() - started);
    groups.push(answer.groups);
    from.add(answer.from);
  }
  if (groups.every((count) => count === 0)) throw new Error(`All answers to "${name}" were empty`);
  return { name, ms, groups, from };
}

function refusal(error: unknown) {
  if (isQueryError(error)) return { groups: Number.NaN, from: `refused: ${error.code}` };
  throw error;
}

export function measuredRow({ name, ms, groups, from }: Measured, barMs: number | null): string[] {
  const p99 = percentile(ms, 0.99);
  return [
    name,
    `${ms.length}`,
    short(median(groups)),
    short(median(ms)),
    short(p99),
    barMs === null ? '' : `${barMs} ${p99 <= barMs ? 'kept' : 'MISSED'}`,
    [...from].join(', '),
  ];
}

export const MEASURED_HEAD = ['', 'asked', 'zones or buckets', 'p50 ms', 'p99 ms', 'bar ms', 'answered from'];

export type SpanName = 'hour' | 'day' | 'month';
export const SPANS: readonly SpanName[] = ['hour', 'day', 'month'];

/** A random hour or day of the city's calendar, or its whole month. */
export function spanOf(city: City, name: SpanName, random: () => number) {
  if (name === 'month') return { from: city.from, to: city.to };
  const length = name === 'hour' ? HOUR_MS : DAY_MS;
  const from = city.from + Math.floor(random() * ((city.to - city.from) / length)) * length;
  return { from, to: from + length };
}

/** Mean, least and greatest by zone of a random viewport. */
export async function askViewport(
  queries: Queries,
  grid: ZoneGrid,
  level: number,
  span: { readonly from: number; readonly to: number },
  random: () => number,
) {
  const bbox = viewport(grid, level, random);
  const answer = await queries.zones(ALL, { dggrs: grid.id, level, property: PROPERTY, span, bbox });
  return { groups: answer.zones.length, from: answer.provenance.answeredFrom };
}

/**
 * A day's readings by zones of level 9 from the rows: the asker may see a part of the city only, a third of the
 * prefecture each way, and no rollup can tell which readings of a zone lie in it.
 */
export async function askRawDay(queries: Queries, city: City, random: () => number) {
  const span = spanOf(city, 'day', random);
  const area = viewport(h3, 6, random);
  const access = { ...ALL, area };
  const bbox = viewport(h3, 9, random);
  const answer = await queries.zones(access, { dggrs: 'h3', level: 9, property: PROPERTY, span, bbox });
  return { groups: answer.zones.length, from: answer.provenance.answeredFrom };
}

/** One Thing's day by ten minutes. */
export async function askThingDay(queries: Queries, city: City, random: () => number) {
  const answer = await queries.series(ALL, {
    property: PROPERTY,
    span: spanOf(city, 'day', random),
    bucketMs: 600_000,
    thing: thingName(Math.floor(random() * city.things)),
  });
  return { groups: answer.count.filter((n) => n > 0).length, from: answer.provenance.answeredFrom };
}
