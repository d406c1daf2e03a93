/** Questions beyond lists: newest readings, nearest, first k, comparisons, cubes, everything in an area, counts before rows. */
import { z } from 'zod';
import type {
  CompareAnswer,
  CountAnswer,
  CubeAnswer,
  InsideAnswer,
  LatestAnswer,
  NearestAnswer,
  TopAnswer,
} from '../../viz/schema/index.ts';
import { areaMember, areaOf, areaParameters, lonLat, metres } from '../http/area-query.ts';
import { bucket, buckets } from '../http/bucket.ts';
import { grid, instant, spanOf, textList, whole } from '../http/query.ts';
import { byBody, type Shape, shape } from '../http/shape.ts';
import { HttpProblem } from '../problem.ts';
import * as readings from './readings.ts';
import * as records from './records.ts';

const DAY_MS = 86_400_000;
/** Levels of any grid; the grid itself says which it has. */
const level = whole(0, 15);
const id = z.string().min(1).max(128);
const aggregation = z.enum(['mean', 'min', 'max', 'count', 'sum', 'first', 'last', 'stddev']);
const span = { from: instant.optional(), to: instant.optional() };

const latestQuery = z.strictObject({
  by: z.enum(['datastream', 'thing', 'zone']).default('datastream'),
  property: id.optional(),
  dggrs: grid.optional(),
  level: level.optional(),
  category: textList.optional(),
  dataset: textList.optional(),
  maxAge: bucket.optional(),
  limit: whole(1, 100_000).default(1000),
  ...areaParameters,
});

export const latest = shape(
  'latest',
  'Newest readings by phenomenonTime: of datastreams, Things or zones',
  latestQuery,
  (query, { services, access }): Promise<LatestAnswer> =>
    services.queries.latest(access, {
      by: query.by,
      limit: query.limit,
      ...(query.property === undefined ? {} : { property: query.property }),
      ...(query.dggrs === undefined ? {} : { dggrs: query.dggrs }),
      ...(query.level === undefined ? {} : { level: query.level }),
      ...(query.category === undefined ? {} : { categories: query.category }),
      ...(query.dataset === undefined ? {} : { datasets: query.dataset }),
      ...(query.maxAge === undefined ? {} : { maxAgeMs: query.maxAge }),
      ...areaMember(query),
    }),
);

const nearestQuery = z.strictObject({
  kind: z.enum(['events', 'features', 'things']),
  near: lonLat,
  k: whole(1, 1000).default(10),
  max: metres.optional(),
  type: textList.optional(),
  category: textList.optional(),
  dataset: textList.optional(),
  status: z.enum(['open', 'closed']).optional(),
  ...span,
});

export const nearest = shape(
  'nearest',
  'The k nearest events, features or Things, by distance on the ellipsoid',
  nearestQuery,
  (query, { services, access }): Promise<NearestAnswer> => {
    const asked = spanOf(query, services.now());
    return services.queries.nearest(access, {
      kind: query.kind,
      lonLat: query.near,
      k: query.k,
      ...(query.max === undefined ? {} : { maxM: query.max }),
      ...(query.type === undefined ? {} : { types: query.type }),
      ...(query.category === undefined ? {} : { categories: query.category }),
      ...(query.dataset === undefined ? {} : { datasets: query.dataset }),
      ...(query.status === undefined ? {} : { status: query.status }),
      ...(asked === undefined ? {} : { span: asked }),
    });
  },
);

const topQuery = z.strictObject({
  of: z.enum(['zones', 'things', 'categories']),
  kind: z.enum(['observations', 'events', 'features']).default('observations'),
  property: id.optional(),
  aggregation: aggregation.optional(),
  dggrs: grid.optional(),
  level: level.optional(),
  k: whole(1, 1000).default(10),
  order: z.enum(['most', 'least']).optional(),
  dataset: textList.optional(),
  ...span,
  ...areaParameters,
});

export const top = shape(
  'top',
  'The first k zones, Things or categories, by an aggregate of readings or by a count; of readings the last day unless told',
  topQuery,
  (query, { services, access }): Promise<TopAnswer> => {
    const now = services.now();
    const lastDay = query.kind === 'observations' ? { from: now - DAY_MS, to: now } : undefined;
    const asked = spanOf(query, now) ?? lastDay;
    return services.queries.top(access, {
      of: query.of,
      kind: query.kind,
      k: query.k,
      ...(query.property === undefined ? {} : { property: query.property }),
      ...(query.aggregation === undefined ? {} : { aggregation: query.aggregation }),
      ...(query.dggrs === undefined ? {} : { dggrs: query.dggrs }),
      ...(query.level === undefined ? {} : { level: query.level }),
      ...(query.order === undefined ? {} : { order: query.order }),
      ...(query.dataset === undefined ? {} : { datasets: query.dataset }),
      ...(asked === undefined ? {} : { span: asked }),
      ...areaMember(query),
    });
  },
);

const gathered = {
  dggrs: grid,
  level,
  property: id,
  aggregation: aggregation.default('mean'),
  dataset: id.optional(),
  ...span,
  ...areaParameters,
};

const cubeQuery = z.strictObject({ ...gathered, bucket: buckets.default({ bucketMs: 3_600_000 }) });

export const cube = shape(
  'cube',
  'One property by zone and bucket of time, by columns; the last day unless told',
  cubeQuery,
  (query, { services, access }): Promise<CubeAnswer> => {
    const now = services.now();
    return services.queries.cube(access, {
      dggrs: query.dggrs,
      level: query.level,
      property: query.property,
      aggregation: query.aggregation,
      span: spanOf(query, now) ?? { from: now - DAY_MS, to: now },
      ...query.bucket,
      ...(query.dataset === undefined ? {} : { dataset: query.dataset }),
      ...areaMember(query),
    });
  },
);

const compareQuery = z.strictObject({
  ...gathered,
  from: instant,
  to: instant,
  otherFrom: instant,
  otherTo: instant,
});

export const compare = shape(
  'compare',
  'One property in two spans, by zone and as a whole: values, differences, what is missing',
  compareQuery,
  (query, { services, access }): Promise<CompareAnswer> =>
    services.queries.compare(access, {
      dggrs: query.dggrs,
      level: query.level,
      property: query.property,
      aggregation: query.aggregation,
      span: { from: query.from, to: query.to },
      other: { from: query.otherFrom, to: query.otherTo },
      ...(query.dataset === undefined ? {} : { dataset: query.dataset }),
      ...areaMember(query),
    }),
);

const insideQuery = z.strictObject({ ...span, ...areaParameters });

export const inside = shape(
  'inside',
  'Everything in an area, over all kinds; the last day unless told',
  insideQuery,
  async (query, { services, access }): Promise<InsideAnswer> => {
    const area = areaOf(query);
    if (area === undefined) {
      throw new HttpProblem(400, 'invalid-query', 'The query is not valid: an area is missing');
    }
    const asked = spanOf(query, services.now());
    return services.queries.inside(access, { area, ...(asked === undefined ? {} : { span: asked }) });
  },
);

const KINDS = ['events', 'features', 'things', 'observations'] as const;
const countQuery = z.strictObject({
  kind: textList.pipe(z.array(z.enum(KINDS)).min(1)).default([...KINDS]),
  type: textList.optional(),
  category: textList.optional(),
  dataset: textList.optional(),
  status: z.enum(['open', 'closed']).optional(),
  property: id.optional(),
  ...span,
  ...areaParameters,
});

export const count = shape(
  'count',
  'How many events, features, Things and readings there are, before they are asked for',
  countQuery,
  (query, { services, access }): Promise<CountAnswer> => {
    const asked = spanOf(query, services.now());
    return services.queries.count(access, {
      kinds: query.kind,
      ...(query.type === undefined ? {} : { types: query.type }),
      ...(query.category === undefined ? {} : { categories: query.category }),
      ...(query.dataset === undefined ? {} : { datasets: query.dataset }),
      ...(query.status === undefined ? {} : { status: query.status }),
      ...(query.property === undefined ? {} : { property: query.property }),
      ...(asked === undefined ? {} : { span: asked }),
      ...areaMember(query),
    });
  },
);

/** Every question that takes its parameters from an address or from a body. */
export const SHAPES: readonly Shape[] = [
  readings.zones,
  readings.things,
  readings.series,
  records.events,
  records.features,
  latest,
  nearest,
  top,
  cube,
  compare,
  inside,
  count,
];

export const question = byBody(SHAPES);
