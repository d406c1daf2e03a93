/** Questions about events and features, and the accounts of what came in. */
import { z } from 'zod';
import type {
  AccountsAnswer,
  CorrectionsAnswer,
  EventsAnswer,
  FeaturesAnswer,
  RejectionsAnswer,
} from '../../viz/schema/index.ts';
import { areaMember, areaParameters } from '../http/area-query.ts';
import { instant, param, readQuery, spanOf, textList, whole, zoneRef } from '../http/query.ts';
import { type GuardedRoute, READERS } from '../http/route.ts';
import { shape } from '../http/shape.ts';
import { HttpProblem } from '../problem.ts';

/** Rows of one answer at most. */
const ROWS_MAX = 10_000;
/** Span of corrections when none is asked for: 30 days. */
const CORRECTIONS_MS = 30 * 86_400_000;

const eventsQuery = z.strictObject({
  type: textList.optional(),
  category: textList.optional(),
  dataset: textList.optional(),
  zone: zoneRef.optional(),
  status: z.enum(['open', 'closed']).optional(),
  from: instant.optional(),
  to: instant.optional(),
  sort: z.enum(['newest', 'distance']).optional(),
  limit: whole(1, ROWS_MAX).default(100),
  ...areaParameters,
});

export const events = shape(
  'events',
  'Events, newest first, or nearest first',
  eventsQuery,
  (query, { services, access }): Promise<EventsAnswer> => {
    const span = spanOf(query, services.now());
    return services.queries.events(access, {
      ...(query.type === undefined ? {} : { eventTypes: query.type }),
      ...(query.category === undefined ? {} : { categories: query.category }),
      ...(query.dataset === undefined ? {} : { datasets: query.dataset }),
      ...(query.zone === undefined ? {} : { zone: query.zone }),
      ...(query.status === undefined ? {} : { status: query.status }),
      ...(span === undefined ? {} : { span }),
      ...(query.sort === undefined ? {} : { sort: query.sort }),
      ...areaMember(query),
      limit: query.limit,
    });
  },
);

const featuresQuery = z.strictObject({
  type: textList.optional(),
  dataset: textList.optional(),
  zone: zoneRef.optional(),
  sort: z.enum(['arrival', 'distance']).optional(),
  limit: whole(1, ROWS_MAX).default(1000),
  ...areaParameters,
});

export const features = shape(
  'features',
  'Features: schools, hospitals, enterprises',
  featuresQuery,
  (query, { services, access }): Promise<FeaturesAnswer> =>
    services.queries.features(access, {
      ...(query.type === undefined ? {} : { featureTypes: query.type }),
      ...(query.dataset === undefined ? {} : { datasets: query.dataset }),
      ...(query.zone === undefined ? {} : { zone: query.zone }),
      ...(query.sort === undefined ? {} : { sort: query.sort }),
      ...areaMember(query),
      limit: query.limit,
    }),
);

const accountsQuery = z.strictObject({
  by: z.enum(['source', 'delivery']).optional(),
  dataset: textList.optional(),
  source: textList.optional(),
  delivery: textList.optional(),
  since: instant.optional(),
  limit: whole(1, ROWS_MAX).default(1000),
});
/** In `delivery`: what came as messages, which belong to none. */
const NO_DELIVERY = '-';

export const accounts: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/accounts',
  summary: 'in = stored + refused + held + duplicates, by dataset and source, or by delivery',
  roles: [...READERS, 'auditor'],
  handle({ req, services, access }): Promise<AccountsAnswer> {
    const query = readQuery(req, accountsQuery);
    // Who names deliveries wants to see them.
    const by = query.by ?? (query.delivery === undefined ? 'source' : 'delivery');
    return services.queries.accounts(access, {
      by,
      ...(query.dataset === undefined ? {} : { datasets: query.dataset }),
      ...(query.source === undefined ? {} : { sources: query.source }),
      ...(query.delivery === undefined
        ? {}
        : { deliveries: query.delivery.map((id) => (id === NO_DELIVERY ? '' : id)) }),
      ...(query.since === undefined ? {} : { since: query.since }),
      limit: query.limit,
    });
  },
};

const correctionsQuery = z.strictObject({
  thing: z.string().min(1).max(128),
  property: z.string().min(1).max(128),
  from: instant.optional(),
  to: instant.optional(),
  limit: whole(1, ROWS_MAX).default(100),
});

export const corrections: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/corrections',
  summary:
    'What was corrected of a datastream, newest instants first: what stands, and what it took the place of',
  roles: [...READERS, 'auditor'],
  handle({ req, services, access }): Promise<CorrectionsAnswer> {
    const query = readQuery(req, correctionsQuery);
    const now = services.now();
    return services.queries.corrections(access, {
      thing: query.thing,
      property: query.property,
      span: spanOf(query, now) ?? { from: now - CORRECTIONS_MS, to: now },
      limit: query.limit,
    });
  },
};

const rejectionsQuery = z.strictObject({
  limit: whole(1, 1000).default(100),
  dataset: textList.optional(),
  disposition: z.enum(['refused', 'held']).optional(),
});

export const rejections: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/rejections',
  summary: 'What was refused or held, newest first, with the reason',
  roles: [...READERS, 'auditor'],
  handle({ req, services, access }): Promise<RejectionsAnswer> {
    const query = readQuery(req, rejectionsQuery);
    return services.queries.rejections(access, {
      limit: query.limit,
      ...(query.dataset === undefined ? {} : { datasets: query.dataset }),
      ...(query.disposition === undefined ? {} : { disposition: query.disposition }),
    });
  },
};

/** `GET /api/v1/rejections/{position}/raw`: the bytes as they came (the first 64 KiB of what was too large). */
export const rejectedBytes: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/rejections/:position/raw',
  summary: 'The message behind a rejection, byte by byte',
  // They may name people: not for a wall seat, which is an operator.
  roles: ['admin', 'auditor'],
  async handle({ req, res, services }) {
    const text = param(req, 'position');
    const raw = /^\d{1,15}$/.test(text) ? await services.doors.raw(Number(text)) : undefined;
    if (!(raw?.bytes instanceof Uint8Array)) {
      throw new HttpProblem(404, 'unknown-position', `The journal holds no message at position "${text}"`);
    }
    res.setHeader('Content-Type', 'application/octet-stream');
    res.setHeader('Content-Disposition', `attachment; filename="entry-${text}"`);
    res.send(Buffer.from(raw.bytes));
  },
};
