/** Coding as a stream: rows in, the same rows with their code out, while they come. Nothing is kept. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import {
  type AnswerSpool,
  createAnswerSpool,
  decodePlan,
  encodePlan,
  heightReferenceText,
  POSITION_FIELDS,
  type RemoteSession,
  type StreamForm,
  type StreamRequest,
} from '../coding/index.ts';
import { dataFolder } from '../data-folder.ts';
import { readQuery } from '../http/query.ts';
import { type Call, type GuardedRoute, READERS } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';

/** Blocks of a stream that are with the thread at once: it works on one while the next is on its way. */
const WINDOW = 3;

/** Header of an answer with 3D codes: what their heights were read as. */
const HEIGHT_REFERENCE = 'Jingwei-Height-Reference';

/** Media types of each form; the first is the one answered. */
const MEDIA: Readonly<Record<StreamForm, readonly string[]>> = {
  ndjson: ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines'],
  arrow: ['application/vnd.apache.arrow.stream'],
  json: ['application/json'],
};
const FORMS = Object.keys(MEDIA) as StreamForm[];

const text = z.string().min(1).max(128);
/** What declares coordinates; streams and files take the same. */
export const referenceQuery = {
  datum: z.string().min(1).max(400).optional(),
  heightCoding: text.optional(),
  heightReference: text.optional(),
};

const encodeQuery = z.strictObject({
  dggrs: text,
  level: text,
  ...referenceQuery,
  lon: text.default(POSITION_FIELDS.lon),
  lat: text.default(POSITION_FIELDS.lat),
  height: text.default(POSITION_FIELDS.height),
});

/** `POST /api/v1/coding/encode`: positions to codes. */
export const codingEncode: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/coding/encode',
  summary: 'Add grid codes to a stream of positions: NDJSON, Arrow or a JSON array',
  roles: READERS,
  body: 'stream',
  async handle(call) {
    const query = readQuery(call.req, encodeQuery);
    const plan = encodePlan({ ...query, codes: [`${query.dggrs}:${query.level}`] });
    const fields = { lon: query.lon, lat: query.lat, height: query.height };
    await stream(call, (form) => ({ direction: 'encode', form, plan, fields }));
  },
};

const decodeQuery = z.strictObject({
  dggrs: text,
  heightCoding: text.optional(),
  code: text.default('code'),
});

/** `POST /api/v1/coding/decode`: codes to places. */
export const codingDecode: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/coding/decode',
  summary: 'Add anchor, centre, bounds, level and heights to a stream of grid codes',
  roles: READERS,
  body: 'stream',
  async handle(call) {
    const query = readQuery(call.req, decodeQuery);
    const plan = decodePlan(query);
    await stream(call, (form) => ({ direction: 'decode', form, plan, field: query.code }));
  },
};

async function stream(call: Call, requestOf: (form: StreamForm) => StreamRequest): Promise<void> {
  const { req, res, services } = call;
  const form = negotiate(req);
  const { config, coding } = services;
  const request = requestOf(form);
  const session = coding.streams.open(request);
  const maxBytes = config.http.maxDeliveryBytes;
  const answer = createAnswerSpool(res, {
    folder: dataFolder(config.dataDir).uploads,
    maxBytes,
    floorBytes: 2 * config.journal.minFreeBytes,
  });
  res.setHeader('Content-Type', MEDIA[form][0]!);
  res.setHeader('Trailer', 'Jingwei-Rows, Jingwei-Refused');
  const heightReference = request.direction === 'encode' ? heightReferenceText(request.plan) : undefined;
  if (heightReference !== undefined) res.setHeader(HEIGHT_REFERENCE, heightReference);
  try {
    await pump(req, session, answer, maxBytes);
    res.addTrailers({
      'Jingwei-Rows': String(session.account.rows),
      'Jingwei-Refused': String(session.account.refused),
    });
    await answer.end();
  } catch (error) {
    if (!res.headersSent)
      for (const name of ['Content-Type', 'Trailer', HEIGHT_REFERENCE]) res.removeHeader(name);
    // Nobody is there to be answered.
    if (clientGone(req, res)) return;
    throw error;
  } finally {
    session.close();
    await answer.close();
  }
}

/** Passes the body through the session, block by block, in order. */
async function pump(
  req: Request,
  session: RemoteSession,
  answer: AnswerSpool,
  maxBytes: number,
): Promise<void> {
  let bytes = 0;
  let inFlight = 0;
  let fault: { readonly error: unknown } | undefined;
  let written: Promise<void> = Promise.resolve();
  let freed: (() => void) | undefined;
  const pass = (coded: Promise<Uint8Array>): void => {
    inFlight += 1;
    coded.catch(() => undefined);
    written = written
      .then(async () => {
        if (fault === undefined) await answer.write(await coded);
      })
      .catch((error: unknown) => {
        fault ??= { error };
      })
      .finally(() => {
        inFlight -= 1;
        freed?.();
      });
  };
  // A refusal needs the connection: leaving the loop must not destroy it.
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    const block: Buffer = chunk;
    bytes += block.byteLength;
    if (bytes > maxBytes)
      throw new HttpProblem(413, 'body-too-large', `The body is larger than ${maxBytes} bytes`, {
        extensions: { limit: maxBytes },
      });
    pass(session.push(block));
    while (inFlight >= WINDOW) {
      await new Promise<void>((resolve) => {
        freed = resolve;
      });
    }
    if (fault !== undefined) break;
  }
  if (fault === undefined) {
    if (bytes === 0) throw new HttpProblem(400, 'empty-body', 'The body is empty');
    pass(session.end());
  }
  await written;
  if (fault !== undefined) throw fault.error;
}

/** The form of the body; the answer has the same. @throws {HttpProblem} 415, 406. */
function negotiate(req: Request): StreamForm {
  if (req.headers['content-encoding'] !== undefined)
    throw new HttpProblem(415, 'unsupported-encoding', 'Send the rows as they are, without Content-Encoding');
  const type = (req.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const form = FORMS.find((one) => MEDIA[one].includes(type));
  if (form === undefined)
    throw new HttpProblem(
      415,
      'media-type-unsupported',
      `Content-Type "${type.slice(0, 80)}" is not taken: ${FORMS.map((one) => MEDIA[one][0]).join(', ')}`,
      { headers: { 'Accept-Post': FORMS.map((one) => MEDIA[one][0]).join(', ') } },
    );
  if (req.accepts([...MEDIA[form]]) !== false) return form;
  throw new HttpProblem(
    406,
    'not-acceptable',
    `The answer to ${type} is ${MEDIA[form][0]}: Accept must allow it`,
  );
}

function clientGone(req: Request, res: Response): boolean {
  return res.destroyed || (req.destroyed && !req.complete);
}
