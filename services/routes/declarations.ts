/** What decoding depends on: datasets, Things, mappings. Registered here, kept in the journal. */
import { z } from 'zod';
import { declarationSchema } from '../../ingest/model/index.ts';
import { readBody, readQuery } from '../http/query.ts';
import { type GuardedRoute, READERS } from '../http/route.ts';

/** Declarations of one request. */
const DECLARATIONS_MAX = 20_000;

const body = z.array(declarationSchema).min(1).max(DECLARATIONS_MAX);

/** `POST /api/v1/declarations [Declaration]` answers the journal position and how many changed anything. */
export const declare: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/declarations',
  summary: 'Register datasets, Things and mappings',
  roles: ['admin'],
  body: 'json',
  async handle({ req, services, identity, address }) {
    const declarations = readBody(req, body);
    const result = await services.doors.declare(declarations);
    const count = (kind: string) => declarations.filter((declaration) => declaration.kind === kind).length;
    await services.audit.record({
      who: identity.subject,
      action: 'declared',
      subject: `${declarations.length} declarations`,
      detail: {
        changed: result.changed,
        position: result.position,
        datasets: count('dataset'),
        things: count('thing'),
        mappings: count('mapping'),
        removals: count('remove'),
      },
      sourceAddress: address,
      at: services.now(),
    });
    return result;
  },
};

export const listDeclarations: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/declarations',
  summary: 'Everything that is declared, as it can be registered again',
  roles: ['admin', 'operator', 'analyst', 'officer'],
  async handle({ req, services }) {
    const query = readQuery(
      req,
      z.strictObject({ kind: z.enum(['dataset', 'thing', 'mapping']).optional() }),
    );
    const all = await services.doors.declarations();
    return query.kind === undefined ? all : all.filter((declaration) => declaration.kind === query.kind);
  },
};

/** `GET /api/v1/position`: how far the index is, and how far the journal. */
export const position: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/position',
  summary: 'Journal position of the index, and the head of the journal',
  roles: [...READERS, 'auditor'],
  async handle({ services }) {
    const { head } = await services.doors.metrics();
    return { index: services.store.position, head };
  },
};
