/** Live video: which streams there are, one of them as FLV over HTTP, and the keys of those who publish. */
import { z } from 'zod';
import { param, readBody } from '../http/query.ts';
import { ADMIN, Answer, type GuardedRoute, READERS } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';
import type { Services, VideoDoor } from '../services.ts';
import { STREAM_NAME } from '../video/index.ts';

export const videoStreams: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/video/streams',
  summary: 'Live video streams',
  roles: READERS,
  async handle({ services }) {
    return { available: services.video !== undefined, streams: (await services.video?.streams()) ?? [] };
  },
};

export const videoFlv: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/video/streams/:name.flv',
  summary: 'One live stream as HTTP-FLV',
  roles: READERS,
  async handle({ req, res, services }) {
    const video = running(services);
    const name = param(req, 'name');
    const live = (await video.streams()).some((stream) => stream.name === name);
    if (!live) throw new HttpProblem(404, 'unknown-stream', 'There is no such stream');
    await video.proxyFlv(req, res, name);
  },
};

const keyBody = z.strictObject({
  stream: z.string().regex(STREAM_NAME, 'must be 1 to 64 letters, digits, "-" or "_"'),
  rotate: z.boolean().default(false),
});

/** `POST /api/v1/video/keys {stream, rotate?}`: the key of a stream; a new one cuts whoever publishes with the old. */
export const videoKey: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/video/keys',
  summary: 'The key with which a stream is published; made when there is none',
  roles: ADMIN,
  body: 'json',
  async handle({ req, services, identity, address }) {
    running(services);
    const { stream, rotate } = readBody(req, keyBody);
    const { key, made } = services.videoKeys.keyOf(stream, rotate);
    if (made) {
      await services.audit.record({
        who: identity.subject,
        action: 'stream-key-created',
        subject: stream,
        detail: {},
        sourceAddress: address,
        at: services.now(),
      });
    }
    return new Answer(made ? 201 : 200, { stream, key });
  },
};

export const removeVideoKey: GuardedRoute = {
  method: 'DELETE',
  path: '/api/v1/video/keys/:stream',
  summary: 'Remove the key of a stream; whoever publishes it is cut',
  roles: ADMIN,
  async handle({ req, res, services, identity, address }) {
    const stream = param(req, 'stream');
    if (!services.videoKeys.remove(stream)) {
      throw new HttpProblem(404, 'unknown-stream', 'There is no key for this stream');
    }
    await services.audit.record({
      who: identity.subject,
      action: 'stream-key-removed',
      subject: stream,
      detail: {},
      sourceAddress: address,
      at: services.now(),
    });
    res.status(204).end();
  },
};

function running(services: Services): VideoDoor {
  if (services.video) return services.video;
  throw new HttpProblem(503, 'video-off', 'The video process does not run');
}
