/** The express application: headers, log, guard, routes, dashboards, problem details; in this order, and nothing else answers. */
import { randomUUID } from 'node:crypto';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { underQueryContext } from '../../analytics/index.ts';
import { HttpProblem, mapError } from '../problem.ts';
import { ROUTES } from '../routes/index.ts';
import type { Services } from '../services.ts';
import { BODY_DEADLINES, type BodyClock, type BodyDeadlines, startBodyClock } from './body-deadline.ts';
import { serveDashboards } from './dashboards.ts';
import { admit, notSignedIn } from './guard.ts';
import { securityHeaders } from './headers.ts';
import { Answer, type Call, type OpenCall, type Route } from './route.ts';

/**
 * Builds the application.
 *
 * @param routes - The surface; tests may pass their own.
 * @param deadlines - For request bodies.
 */
export function createApp(
  services: Services,
  routes: readonly Route[] = ROUTES,
  deadlines: BodyDeadlines = BODY_DEADLINES,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  // One hop: what stands further left in X-Forwarded-For was written by the client itself.
  app.set('trust proxy', services.config.http.trustProxy ? 1 : false);
  app.use(securityHeaders);
  app.use(observe(services));
  app.use((req: Request, res: Response, next: NextFunction) => {
    res.locals.bodyClock = startBodyClock(req, res, deadlines);
    next();
  });
  for (const route of routes) register(app, route, services);
  for (const [path, methods] of methodsByPath(routes)) {
    const open = routes.some((route) => route.path === path && route.roles === 'open');
    app.all(path, async (req: Request) => {
      // Without a credential the surface does not say which methods there are.
      if (!open && !(await services.identify(req.headers))) throw notSignedIn();
      throw new HttpProblem(405, 'method-not-allowed', `Allowed here: ${methods.join(', ')}`, {
        headers: { Allow: methods.join(', ') },
      });
    });
  }
  app.use(serveDashboards());
  app.use(async (req: Request) => {
    // Without a credential the surface does not even say which names exist.
    if (req.path.startsWith('/api/') && !(await services.identify(req.headers))) throw notSignedIn();
    throw new HttpProblem(404, 'not-found', 'There is nothing at this path');
  });
  app.use(answerError(services));
  return app;
}

function register(app: Express, route: Route, services: Services): void {
  const parsers = bodyParsers(route, services);
  const enter = async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    res.locals.route = route.path;
    res.setHeader('Cache-Control', 'no-store');
    const open: OpenCall = {
      req,
      res,
      services,
      requestId: String(res.locals.requestId),
      address: req.ip ?? req.socket.remoteAddress ?? '',
      identity: route.path === '/healthz' ? undefined : await services.identify(req.headers),
    };
    res.locals.call = admit(open, route);
    if (route.roles !== 'open') {
      const clock: BodyClock = res.locals.bodyClock;
      if (route.body === 'stream') clock.allowStream();
      else clock.allowWhole();
    }
    next();
  };
  const answer = async (_req: Request, res: Response): Promise<void> => {
    // `admit` has given a guarded route's call its identity and access.
    const call: OpenCall = res.locals.call;
    const asker = call.identity?.subject ?? call.address;
    const context = { signal: whileWanted(res), asker };
    const result: unknown = await underQueryContext(context, () => route.handle(call as Call));
    // A body that was too slow and that this route did not wait for: the body clock has answered.
    if (result !== undefined && res.writableEnded) return;
    if (result instanceof Answer) res.status(result.status).json(result.body);
    else if (result !== undefined) res.json(result);
  };
  const method = route.method.toLowerCase() as 'get' | 'post' | 'delete';
  app[method](route.path, enter, ...parsers, answer);
}

/** Fires when the client leaves before its answer is out: what is still being looked up for it is wanted by nobody. */
function whileWanted(res: Response): AbortSignal {
  const leaving = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) leaving.abort();
  });
  return leaving.signal;
}

/** Largest JSON body of a route that asks for no credential, bytes: a name and a password. */
const MAX_OPEN_JSON_BYTES = 8 * 1024;

/** Bodies are read after the guard, and of a stranger only a small one: nobody unknown makes the server hold megabytes. */
function bodyParsers(route: Route, services: Services): readonly express.RequestHandler[] {
  const { maxJsonBytes, maxIngestBytes } = services.config.http;
  if (route.body === 'json') {
    const limit = route.roles === 'open' ? Math.min(maxJsonBytes, MAX_OPEN_JSON_BYTES) : maxJsonBytes;
    return [express.json({ limit, strict: true })];
  }
  if (route.body === 'bytes')
    return [express.raw({ limit: maxIngestBytes, type: () => true, inflate: false })];
  return [];
}

/** Gives each request its id, and writes one line and one measurement when it ends. Never the query: it may name people. */
function observe(services: Services) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const requestId = randomUUID();
    res.locals.requestId = requestId;
    res.setHeader('X-Request-Id', requestId);
    const began = performance.now();
    res.once('close', () => {
      const ms = performance.now() - began;
      const route = typeof res.locals.route === 'string' ? res.locals.route : 'static';
      services.metrics.observeHttp(req.method, route, res.statusCode, ms / 1000);
      const level = levelOf(req.method, route, res.statusCode);
      const fields = {
        requestId,
        method: req.method,
        route,
        status: res.statusCode,
        ms: Math.round(ms * 10) / 10,
      };
      services.log[level]({ ...fields, cut: !res.writableFinished }, 'request');
    });
    next();
  };
}

/** Routes that are asked every second by machines and answer for others: their status is no event of the log. */
const PROBES = new Set(['/healthz', '/readyz']);

/** What reads and is answered is quiet; what changes something is told, what is refused or fails stands out. */
function levelOf(method: string, route: string, status: number): 'debug' | 'info' | 'warn' | 'error' {
  if (PROBES.has(route)) return 'debug';
  if (status >= 500) return 'error';
  // The client left: every change of a board does that.
  if (status === 499) return 'debug';
  const reads = method === 'GET' || method === 'HEAD';
  if (status >= 400) return route === 'static' && reads ? 'debug' : 'warn';
  return reads ? 'debug' : 'info';
}

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const byPath = new Map<string, string[]>();
  for (const route of routes) {
    const methods = byPath.get(route.path) ?? [];
    methods.push(...(route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]));
    byPath.set(route.path, methods);
  }
  return byPath;
}

function answerError(services: Services): express.ErrorRequestHandler {
  return (error: unknown, req: Request, res: Response, _next: NextFunction): void => {
    const requestId = String(res.locals.requestId ?? '');
    const { problem, headers, expected } = mapError(error, requestId);
    if (!expected) services.log.error({ requestId, route: res.locals.route, err: error }, 'request failed');
    if (res.headersSent) {
      // Half an answer is out: cutting the line is the only way left to say that it is not whole.
      res.destroy();
      return;
    }
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    res.setHeader('Cache-Control', 'no-store');
    // What is left of a refused body is not read: the connection goes instead.
    if (!req.complete && req.method !== 'GET') res.setHeader('Connection', 'close');
    res.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
}
