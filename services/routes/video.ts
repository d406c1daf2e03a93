/** Live video: which streams there are, and one of them as FLV over HTTP. */
import { param } from '../http/query.ts';
import { type GuardedRoute, READERS } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';

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
    if (!services.video) throw new HttpProblem(503, 'video-off', 'The video process does not run');
    const name = param(req, 'name');
    if (!/^[\p{L}\p{N}][\p{L}\p{N}._~-]{0,127}$/u.test(name)) {
      throw new HttpProblem(404, 'unknown-stream', 'There is no such stream');
    }
    await services.video.proxyFlv(req, res, name);
  },
};
