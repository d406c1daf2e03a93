/** The HTTP door and the file door. What they answer 2xx to is on disk. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { param, readQuery } from '../http/query.ts';
import { receiveFile, safeName } from '../http/receive-file.ts';
import type { GuardedRoute } from '../http/route.ts';
import { HttpProblem, rejectionProblem } from '../problem.ts';

const ingestQuery = z.strictObject({ principal: z.string().min(1).max(128).optional() });

/**
 * `POST /api/v1/ingest/{sourceId}`: one message, as it is. A device speaks for itself; an admin may bring a message in the name
 * of a principal (`?principal=`), which the audit trail keeps.
 */
export const ingest: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/ingest/:sourceId',
  summary: 'Hand one message to a source; 2xx once it is on disk',
  roles: ['admin', 'device'],
  body: 'bytes',
  async handle({ req, services, identity, requestId, address }) {
    const { principal } = readQuery(req, ingestQuery);
    if (principal !== undefined && identity.role !== 'admin') {
      throw new HttpProblem(403, 'principal-not-permitted', 'A device speaks only for itself');
    }
    if (identity.mute) {
      throw new HttpProblem(403, 'publish-not-permitted', 'The publish list of this device is empty');
    }
    const bytes: unknown = req.body;
    if (!(bytes instanceof Uint8Array) || bytes.byteLength === 0) {
      throw new HttpProblem(400, 'empty-body', 'The body is empty');
    }
    const receipt = await services.doors.accept({
      sourceId: param(req, 'sourceId'),
      origin: {
        transport: 'http',
        principal: principal ?? identity.subject,
        requestId,
        contentType: (req.headers['content-type'] ?? '').slice(0, 200),
      },
      receivedAt: services.now(),
      bytes,
    });
    if (identity.role === 'admin') {
      await services.audit.record({
        who: identity.subject,
        action: 'ingest-upload',
        subject: principal ?? identity.subject,
        detail: { source: param(req, 'sourceId'), position: receipt.position, outcome: receipt.outcome },
        sourceAddress: address,
        at: services.now(),
      });
    }
    if (receipt.outcome === 'refused') {
      throw rejectionProblem(receipt.rejections, { position: receipt.position, records: receipt.records });
    }
    return receipt;
  },
};

const deliveryQuery = z.strictObject({ name: z.string().min(1).max(200).optional() });

/** `POST /api/v1/deliveries/{mappingId}?name=file.csv`: a whole file, streamed. */
export const deliver: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/deliveries/:mappingId',
  summary: 'Hand a file to a declared table mapping; 2xx once all of it is on disk',
  roles: ['admin', 'officer'],
  body: 'stream',
  async handle({ req, services, identity, address }) {
    const { name } = readQuery(req, deliveryQuery);
    const mappingId = param(req, 'mappingId');
    // Such a file speaks as a gateway or a Thing, whose name it brings along: as much as `?principal=` of a message.
    if (mappingId.startsWith('source:') && identity.role !== 'admin') {
      throw new HttpProblem(
        403,
        'principal-not-permitted',
        'Only an admin brings a file that speaks for devices; others deliver to a declared table mapping',
      );
    }
    const fileName = safeName(name ?? 'upload');
    const folder = join(services.config.dataDir, 'tmp');
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${randomUUID()}.upload`);
    try {
      const bytes = await receiveFile(req, path, services.config.http.maxDeliveryBytes);
      const report = await services.doors.deliver(path, fileName, mappingId, identity.subject);
      await services.audit.record({
        who: identity.subject,
        action: 'ingest-upload',
        subject: report.delivery,
        detail: { mappingId, fileName, bytes, rows: report.rows, outcome: report.outcome },
        sourceAddress: address,
        at: services.now(),
      });
      return report;
    } finally {
      await rm(path, { force: true });
    }
  },
};
