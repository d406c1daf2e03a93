/** Credentials of the device port. */
import { z } from 'zod';
import { param, readBody } from '../http/query.ts';
import { ADMIN, Answer, type GuardedRoute } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';

/** Principals made by one request: a city registers its devices in a few. */
const DEVICES_MAX = 10_000;

const filter = z.string().min(1).max(512);
const device = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(128)
    .regex(
      /^[\p{L}\p{N}][\p{L}\p{N}._:~-]*$/u,
      'letters, digits and . _ : ~ - only, starting with a letter or digit',
    ),
  kind: z.enum(['device', 'gateway']),
  publish: z.array(filter).max(100).optional(),
  subscribe: z.array(filter).max(100).optional(),
  rotate: z.boolean().optional(),
});
const body = z
  .array(device)
  .min(1)
  .max(DEVICES_MAX)
  .refine(
    (list) => new Set(list.map((entry) => entry.id)).size === list.length,
    'every id must be there once only',
  );

/** `POST /api/v1/devices [{id, kind, publish?, subscribe?, rotate?}]` answers the tokens, shown once. */
export const createDevices: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/devices',
  summary: 'Make device credentials; tokens are shown once',
  roles: ADMIN,
  body: 'json',
  async handle({ req, services, identity, address }) {
    const inputs = readBody(req, body);
    const result = await services.devices.create(inputs);
    if ('existing' in result) {
      const first = result.existing.slice(0, 5).map((id) => `"${id}"`);
      throw new HttpProblem(
        409,
        'device-exists',
        `${result.existing.length} exist already (${first.join(', ')}); "rotate": true gives a new token`,
        { extensions: { existing: result.existing } },
      );
    }
    await services.audit.record({
      who: identity.subject,
      action: 'device-created',
      subject: inputs.length === 1 ? inputs[0]!.id : `${inputs.length} devices`,
      detail: {
        ids: inputs.map((input) => input.id),
        rotated: inputs.filter((input) => input.rotate).length,
      },
      sourceAddress: address,
      at: services.now(),
    });
    return new Answer(201, result.made);
  },
};

export const listDevices: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/devices',
  summary: 'Device credentials, without their tokens',
  roles: ADMIN,
  async handle({ services }) {
    const principals = await services.devices.principals();
    return { devices: principals.map(({ tokenHash: _tokenHash, ...shown }) => shown) };
  },
};

export const disableDevice: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/devices/:id/disabled',
  summary: 'Shut a device out (its connection is closed), or let it in again',
  roles: ADMIN,
  body: 'json',
  async handle({ req, res, services, identity, address }) {
    const id = param(req, 'id');
    const { disabled } = readBody(req, z.strictObject({ disabled: z.boolean() }));
    if (!(await services.devices.setDisabled(id, disabled))) {
      throw new HttpProblem(404, 'unknown-device', `There is no device "${id}"`);
    }
    await services.audit.record({
      who: identity.subject,
      action: 'device-changed',
      subject: id,
      detail: { disabled },
      sourceAddress: address,
      at: services.now(),
    });
    res.status(204).end();
  },
};
