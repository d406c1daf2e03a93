/** Questions about observations: by zone, by Thing, over time. */
import { z } from 'zod';
import type { SeriesQueryAnswer } from '../../analytics/index.ts';
import type { ThingsAnswer, TotalsAnswer, ZoneDossier, ZonesAnswer } from '../../viz/schema/index.ts';
import { bbox, grid, instant, param, readQuery, spanOf, textList, whole, zoneRef } from '../http/query.ts';
import { type GuardedRoute, READERS } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';

const DAY_MS = 86_400_000;
/** Levels of any grid; the grid itself says which it has. */
const level = whole(0, 15);
const id = z.string().min(1).max(128);
/** A bucket: ms, or an ISO 8601 duration of days, hours, minutes or seconds. */
const bucket = z
  .string()
  .max(20)
  .transform((text, context) => {
    const ms = /^\d{1,12}$/.test(text) ? Number(text) : durationMs(text);
    if (ms >= 1000 && ms <= 366 * DAY_MS) return ms;
    context.addIssue({
      code: 'custom',
      message: 'must be ms or a duration such as PT1H, from 1 s to 366 days',
    });
    return z.NEVER;
  });

const zonesQuery = z.strictObject({
  dggrs: grid,
  level,
  property: id,
  from: instant.optional(),
  to: instant.optional(),
  bbox: bbox.optional(),
  dataset: id.optional(),
});

export const zones: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/zones',
  summary: 'One property by zone: now, or over a span',
  roles: READERS,
  handle({ req, services, access }): Promise<ZonesAnswer> {
    const query = readQuery(req, zonesQuery);
    const span = spanOf(query, services.now());
    return services.queries.zones(access, {
      dggrs: query.dggrs,
      level: query.level,
      property: query.property,
      ...(span === undefined ? {} : { span }),
      ...(query.bbox === undefined ? {} : { bbox: query.bbox }),
      ...(query.dataset === undefined ? {} : { dataset: query.dataset }),
    });
  },
};

const dossierQuery = z.strictObject({ hours: whole(1, 24 * 31).default(24) });

export const zone: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/zones/:dggrs/:zoneId',
  summary: 'Everything in one zone, by kind, with short series',
  roles: READERS,
  handle({ req, services, access }): Promise<ZoneDossier> {
    const { hours } = readQuery(req, dossierQuery);
    const dggrs = grid.safeParse(param(req, 'dggrs'));
    if (!dggrs.success) throw new HttpProblem(404, 'unknown-grid', 'The grids are "h3" and "beidou2d"');
    return services.queries.zoneDossier(access, {
      dggrs: dggrs.data,
      id: param(req, 'zoneId').slice(0, 128),
      hours,
    });
  },
};

const thingsQuery = z.strictObject({
  category: textList.optional(),
  dataset: textList.optional(),
  zone: zoneRef.optional(),
});

export const things: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/things',
  summary: 'Things with their newest place and readings',
  roles: READERS,
  handle({ req, services, access }): Promise<ThingsAnswer> {
    const query = readQuery(req, thingsQuery);
    return services.queries.things(access, {
      ...(query.category === undefined ? {} : { categories: query.category }),
      ...(query.dataset === undefined ? {} : { datasets: query.dataset }),
      ...(query.zone === undefined ? {} : { zone: query.zone }),
    });
  },
};

const seriesQuery = z
  .strictObject({
    property: id,
    thing: id.optional(),
    zone: zoneRef.optional(),
    from: instant.optional(),
    to: instant.optional(),
    bucket: bucket.default(3_600_000),
  })
  .refine((query) => query.thing === undefined || query.zone === undefined, {
    message: 'must not be given together with "zone"',
    path: ['thing'],
  });

export const series: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/series',
  summary: 'One property over time: of a Thing, a zone or the city; the last day unless told',
  roles: READERS,
  handle({ req, services, access }): Promise<SeriesQueryAnswer> {
    const query = readQuery(req, seriesQuery);
    const now = services.now();
    return services.queries.series(access, {
      property: query.property,
      span: spanOf(query, now) ?? { from: now - DAY_MS, to: now },
      bucketMs: query.bucket,
      ...(query.thing === undefined ? {} : { thing: query.thing }),
      ...(query.zone === undefined ? {} : { zone: query.zone }),
    });
  },
};

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

/** ms of `P1D`, `PT15M` and the like; NaN for anything else. Months and years have no fixed length. */
function durationMs(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!match) return Number.NaN;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return days! * DAY_MS + hours! * 3_600_000 + minutes! * 60_000 + seconds! * 1000;
}
