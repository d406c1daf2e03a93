/** Questions about observations: by zone, by Thing, over time. */
import { z } from 'zod';
import type { SeriesQueryAnswer } from '../../analytics/index.ts';
import type { ThingsAnswer, TotalsAnswer, ZoneDossier, ZonesAnswer } from '../../viz/schema/index.ts';
import { type AreaParameters, areaMember, areaOf, areaParameters } from '../http/area-query.ts';
import { bucket, buckets } from '../http/bucket.ts';
import { grid, instant, param, readQuery, spanOf, textList, whole, zoneRef } from '../http/query.ts';
import { type GuardedRoute, READERS } from '../http/route.ts';
import { shape } from '../http/shape.ts';
import { HttpProblem } from '../problem.ts';

const DAY_MS = 86_400_000;
/** Levels of any grid; the grid itself says which it has. */
const level = whole(0, 15);
const id = z.string().min(1).max(128);
const aggregation = z.enum(['mean', 'min', 'max', 'count', 'sum', 'first', 'last', 'stddev', 'quantiles']);
/** Shares of 1, separated by commas. */
const quantiles = z
  .string()
  .max(200)
  .transform((text) => text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part))))
  .pipe(z.array(z.number().min(0).max(1)).min(1).max(20));

const zonesQuery = z
  .strictObject({
    dggrs: grid,
    level,
    property: id,
    from: instant.optional(),
    to: instant.optional(),
    dataset: id.optional(),
    aggregation: aggregation.optional(),
    quantiles: quantiles.optional(),
    ...areaParameters,
  })
  .refine((query) => query.quantiles === undefined || query.aggregation === 'quantiles', {
    message: 'needs "aggregation=quantiles"',
    path: ['quantiles'],
  });

export const zones = shape(
  'zones',
  'One property by zone: now, or over a span',
  zonesQuery,
  ({ bbox, ...query }, { services, access }): Promise<ZonesAnswer> => {
    const span = spanOf(query, services.now());
    return services.queries.zones(access, {
      dggrs: query.dggrs,
      level: query.level,
      property: query.property,
      ...(span === undefined ? {} : { span }),
      // Beside another area `areaMember` refuses it.
      ...(bbox === undefined ? areaMember(query) : onlyBox({ ...query, bbox })),
      ...(query.dataset === undefined ? {} : { dataset: query.dataset }),
      ...(query.aggregation === undefined ? {} : { aggregation: query.aggregation }),
      ...(query.quantiles === undefined ? {} : { quantiles: query.quantiles }),
    });
  },
);

function onlyBox(query: AreaParameters & { readonly bbox: readonly [number, number, number, number] }) {
  areaOf(query);
  return { bbox: query.bbox };
}

const dossierQuery = z.strictObject({
  hours: whole(1, 24 * 31).default(24),
  from: instant.optional(),
  to: instant.optional(),
});

export const zone: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/zones/:dggrs/:zoneId',
  summary: 'Everything in one zone, by kind, with short series',
  roles: READERS,
  handle({ req, services, access }): Promise<ZoneDossier> {
    const { hours, ...instants } = readQuery(req, dossierQuery);
    const span = spanOf(instants, services.now());
    const dggrs = grid.safeParse(param(req, 'dggrs'));
    if (!dggrs.success) throw new HttpProblem(404, 'unknown-grid', 'The grids are "h3" and "beidou2d"');
    return services.queries.zoneDossier(access, {
      dggrs: dggrs.data,
      id: param(req, 'zoneId').slice(0, 128),
      ...(span === undefined ? { hours } : { span }),
    });
  },
};

const thingsQuery = z.strictObject({
  category: textList.optional(),
  dataset: textList.optional(),
  zone: zoneRef.optional(),
  ...areaParameters,
});

export const things = shape(
  'things',
  'Things with their newest place and readings',
  thingsQuery,
  (query, { services, access }): Promise<ThingsAnswer> =>
    services.queries.things(access, {
      ...(query.category === undefined ? {} : { categories: query.category }),
      ...(query.dataset === undefined ? {} : { datasets: query.dataset }),
      ...(query.zone === undefined ? {} : { zone: query.zone }),
      ...areaMember(query),
    }),
);

const seriesQuery = z
  .strictObject({
    property: id,
    thing: id.optional(),
    zone: zoneRef.optional(),
    from: instant.optional(),
    to: instant.optional(),
    bucket: buckets.default({ bucketMs: 3_600_000 }),
    ...areaParameters,
  })
  .refine((query) => query.thing === undefined || query.zone === undefined, {
    message: 'must not be given together with "zone"',
    path: ['thing'],
  });

export const series = shape(
  'series',
  'One property over time: of a Thing, a zone, an area or the city; the last day unless told',
  seriesQuery,
  (query, { services, access }): Promise<SeriesQueryAnswer> => {
    const now = services.now();
    return services.queries.series(access, {
      property: query.property,
      span: spanOf(query, now) ?? { from: now - DAY_MS, to: now },
      ...query.bucket,
      ...(query.thing === undefined ? {} : { thing: query.thing }),
      ...(query.zone === undefined ? {} : { zone: query.zone }),
      ...areaMember(query),
    });
  },
);

const totalsQuery = z.strictObject({
  dataset: id,
  dggrs: grid,
  level,
  bucket: bucket.default(3_600_000),
  from: instant.optional(),
  to: instant.optional(),
  limit: whole(1, 500_000).optional(),
});

export const totals: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/totals',
  summary: 'Counts and sums of a dataset by zone, bucket and category, for reconciliation and export',
  roles: READERS,
  handle({ req, services, access }): Promise<TotalsAnswer> {
    const query = readQuery(req, totalsQuery);
    const span = spanOf(query, services.now());
    return services.queries.totals(access, {
      dataset: query.dataset,
      dggrs: query.dggrs,
      level: query.level,
      bucketMs: query.bucket,
      ...(span === undefined ? {} : { span }),
      ...(query.limit === undefined ? {} : { limit: query.limit }),
    });
  },
};
