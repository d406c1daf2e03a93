/** Coding whole files: bring one, ask how far it is, fetch it with its code columns. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import {
  coverColumn,
  decodePlan,
  encodePlan,
  FILE_ENCODINGS,
  type FileJob,
  type FileTask,
  formatOf,
  isCodingError,
  KEEP_MS,
} from '../coding/index.ts';
import { param, readQuery } from '../http/query.ts';
import { receiveFile, safeName } from '../http/receive-file.ts';
import { Answer, type Call, type GuardedRoute, READERS } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';
import { referenceQuery } from './coding-streams.ts';

const text = z.string().min(1).max(128);
const texts = z
  .union([text, z.array(text).max(20)])
  .transform((value) => (Array.isArray(value) ? value : [value]));

const fileQuery = z.strictObject({
  name: z.string().min(1).max(200),
  direction: z.enum(['encode', 'decode']).default('encode'),
  /** Encode: `beidou2d:10`, several times. Decode: the column that holds the code. */
  code: texts.optional(),
  dggrs: text.optional(),
  level: text.optional(),
  lon: text.optional(),
  lat: text.optional(),
  height: text.optional(),
  ...referenceQuery,
  ids: z.enum(['true', 'false']).optional(),
  cover: text.optional(),
  encoding: z.enum(FILE_ENCODINGS).optional(),
  delimiter: z
    .union([z.literal('tab'), z.string().regex(/^[!-~\t]$/, 'must be one character, or "tab"')])
    .optional(),
  sheet: text.optional(),
});
type FileQuery = z.output<typeof fileQuery>;

/** `POST /api/v1/coding/files?name=x.csv&code=beidou2d:10`: a file, streamed; answered with its job. */
export const bringFile: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/coding/files',
  summary: 'Bring a CSV, GeoJSON or XLSX file to be coded; answered with the job',
  roles: READERS,
  body: 'stream',
  async handle({ req, res, services, identity, address }) {
    const query = readQuery(req, fileQuery);
    const task = taskOf(query);
    const { config, coding, audit } = services;
    const incoming = await coding.files.receive();
    try {
      const bytes = await receiveFile(req, incoming.path, config.http.maxDeliveryBytes, (more) =>
        incoming.checkSpace(more),
      );
      const name = safeName(query.name);
      await audit.record({
        who: identity.subject,
        action: 'coding-file-brought',
        subject: incoming.id,
        detail: { name, bytes, direction: task.direction },
        sourceAddress: address,
        at: services.now(),
      });
      const job = await incoming.accept({ owner: identity.subject, name, bytes, task });
      res.setHeader('Location', linkOf(job));
      return new Answer(202, jobView(job));
    } catch (error) {
      if (req.destroyed && !req.complete && isCodingError(error))
        throw new HttpProblem(400, 'upload-cut', error.message);
      throw error;
    } finally {
      await incoming.discard();
    }
  },
};

/** @throws {CodingError} `plan-invalid`, `format-unknown`. @throws {HttpProblem} 400 `invalid-query`. */
function taskOf(query: FileQuery): FileTask {
  const { encoding, sheet } = query;
  const form = {
    format: formatOf(query.name),
    ...(encoding === undefined ? {} : { encoding }),
    ...(query.delimiter === undefined
      ? {}
      : { delimiter: query.delimiter === 'tab' ? '\t' : query.delimiter }),
    ...(sheet === undefined ? {} : { sheet }),
  };
  return query.direction === 'encode' ? { ...form, ...encodeOf(query) } : { ...form, ...decodeOf(query) };
}

function encodeOf(query: FileQuery) {
  const { lon, lat, height, cover } = query;
  const single = query.dggrs === undefined ? [] : [`${query.dggrs}:${query.level ?? ''}`];
  return {
    direction: 'encode' as const,
    plan: encodePlan({ ...query, codes: [...single, ...(query.code ?? [])] }),
    ...(lon === undefined ? {} : { lon }),
    ...(lat === undefined ? {} : { lat }),
    ...(height === undefined ? {} : { height }),
    ...(query.ids === 'true' ? { ids: true } : {}),
    ...(cover === undefined ? {} : { cover: coverColumn(cover) }),
  };
}

function decodeOf(query: FileQuery) {
  if (query.dggrs === undefined)
    throw new HttpProblem(400, 'invalid-query', 'The query is not valid: dggrs: is missing');
  if ((query.code?.length ?? 0) > 1)
    throw new HttpProblem(
      400,
      'invalid-query',
      'The query is not valid: code: one column is decoded at a time',
    );
  const code = query.code?.[0];
  return {
    direction: 'decode' as const,
    plan: decodePlan({ dggrs: query.dggrs, heightCoding: query.heightCoding }),
    ...(code === undefined ? {} : { code }),
  };
}

/** `GET /api/v1/coding/files`: the caller's jobs; an admin's are everybody's. */
export const listFiles: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/coding/files',
  summary: 'Files brought to be coded, newest first',
  roles: READERS,
  handle(call) {
    const jobs = call.services.coding.files.list().filter((job) => maySee(call, job));
    return { files: jobs.toReversed().map(jobView) };
  },
};

export const fileJob: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/coding/files/:id',
  summary: 'How far the coding of a file is',
  roles: READERS,
  handle: (call) => jobView(jobOf(call)),
};

/** `GET /api/v1/coding/files/{id}/result`: the file with its new columns. */
export const fileResult: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/coding/files/:id/result',
  summary: 'The coded file',
  roles: READERS,
  async handle(call) {
    const { res, services } = call;
    const job = jobOf(call);
    if (job.state !== 'done')
      throw new HttpProblem(409, 'result-not-ready', `The file is ${job.state}: there is no result`, {
        extensions: { state: job.state },
      });
    const path = services.coding.files.resultPath(job.id);
    const { size } = await stat(path);
    const name = resultName(job);
    res.setHeader('Content-Type', MEDIA[job.task.format]);
    res.setHeader('Content-Length', size);
    const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
    res.setHeader(
      'Content-Disposition',
      `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    );
    await pipeline(createReadStream(path), res).catch((error: unknown) => {
      // Whoever asked has gone.
      if (!res.destroyed) throw error;
    });
  },
};

const MEDIA = {
  csv: 'text/csv',
  geojson: 'application/geo+json',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

/** `DELETE /api/v1/coding/files/{id}`: ends a job under way, and removes file and result. */
export const removeFile: GuardedRoute = {
  method: 'DELETE',
  path: '/api/v1/coding/files/:id',
  summary: 'Cancel the coding of a file, or remove it and its result',
  roles: READERS,
  async handle(call) {
    const { services, identity, address } = call;
    const job = jobOf(call);
    await services.audit.record({
      who: identity.subject,
      action: 'coding-file-removed',
      subject: job.id,
      detail: { name: job.name, state: job.state, owner: job.owner },
      sourceAddress: address,
      at: services.now(),
    });
    await services.coding.files.remove(job.id);
    call.res.status(204).end();
  },
};

/** @throws {HttpProblem} 404, also for a job of somebody else: its id is no secret to guess at. */
function jobOf(call: Call): FileJob {
  const job = call.services.coding.files.get(param(call.req, 'id'));
  if (job !== undefined && maySee(call, job)) return job;
  throw new HttpProblem(404, 'unknown-file', 'There is no such file; they are kept for a day');
}

function maySee({ identity }: Call, job: FileJob): boolean {
  return identity.role === 'admin' || job.owner === identity.subject;
}

function linkOf(job: FileJob): string {
  return `/api/v1/coding/files/${job.id}`;
}

/** `x.csv` becomes `x.coded.csv`. */
function resultName({ name }: FileJob): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name}.coded` : `${name.slice(0, dot)}.coded${name.slice(dot)}`;
}

/** A job as it is told. */
function jobView(job: FileJob) {
  const { id, name, state, bytes, task, createdAt, startedAt, endedAt, progress, summary, error } = job;
  return {
    id,
    name,
    state,
    direction: task.direction,
    format: task.format,
    bytes,
    progress: {
      ...progress,
      share: state === 'done' ? 1 : Math.min(1, progress.bytesRead / Math.max(1, bytes)),
    },
    createdAt,
    startedAt: startedAt ?? null,
    endedAt: endedAt ?? null,
    expiresAt: endedAt === undefined ? null : endedAt + KEEP_MS,
    summary: summary ?? null,
    error: error ?? null,
    links: { self: linkOf(job), result: state === 'done' ? `${linkOf(job)}/result` : null },
  };
}
