/** The few HTTP calls a customer's own registration script would make. */
import { readFileSync } from 'node:fs';
import type { DeclarationInput } from '../../../ingest/model/index.ts';
import type { DeviceRequest } from '../plan.ts';
import { pause, reason } from './say.ts';

/** The server said no: status and what it wrote. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

export interface Api {
  /** True when the server already knows that dataset. */
  hasDataset(id: string): Promise<boolean>;
  declare(declarations: readonly DeclarationInput[]): Promise<void>;
  /** New tokens for devices; existing ones get a fresh token, and the old one dies. */
  makeDevices(
    requests: readonly DeviceRequest[],
  ): Promise<readonly { readonly id: string; readonly token: string }[]>;
  /** The key with which a stream may be published; undefined when the server has no such route. */
  streamKey(stream: string): Promise<string | undefined>;
}

/** Declarations in one request: some 100 kB of JSON, well under any server's limit. */
const BATCH = 200;
const TIMEOUT_MS = 30_000;
const ATTEMPTS = 4;

/** @param token - Bearer token of an administrator. */
export function connectApi(url: string, token: string, signal: AbortSignal): Api {
  const once = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    if (!answer.ok) {
      throw new ApiError(answer.status, `${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    }
    return text === '' ? undefined : JSON.parse(text);
  };
  // A server that has just started may still stumble: what is worth trying again is tried again.
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(method, path, body);
      } catch (error) {
        const hopeless = error instanceof ApiError && error.status < 500 && error.status !== 429;
        if (hopeless || attempt === ATTEMPTS || signal.aborted) throw error;
        await pause(1000 * attempt, signal);
      }
    }
  };
  return {
    async hasDataset(id) {
      return rows(await call('GET', '/api/v1/declarations?kind=dataset'), 'declarations').some(
        (row) => row.kind === 'dataset' && isObject(row.body) && row.body.id === id,
      );
    },
    async declare(declarations) {
      for (let from = 0; from < declarations.length; from += BATCH) {
        await call('POST', '/api/v1/declarations', declarations.slice(from, from + BATCH));
      }
    },
    async makeDevices(requests) {
      const made: { id: string; token: string }[] = [];
      for (let from = 0; from < requests.length; from += BATCH) {
        const batch = requests.slice(from, from + BATCH);
        const answer = await call('POST', '/api/v1/devices', batch).catch((error: unknown) => {
          // Some exist from an earlier life and their tokens are lost: ask for new ones.
          if (!(error instanceof ApiError) || error.status !== 409) throw error;
          return call(
            'POST',
            '/api/v1/devices',
            batch.map((request) => ({ ...request, rotate: true })),
          );
        });
        for (const { id, token: secret } of rows(answer, 'devices')) {
          if (typeof id === 'string' && typeof secret === 'string') made.push({ id, token: secret });
        }
      }
      if (made.length !== requests.length) {
        throw new Error(`Server gave ${made.length} device tokens: ${requests.length} were asked for`);
      }
      return made;
    },
    async streamKey(stream) {
      try {
        const answer = await call('POST', '/api/v1/video/keys', { stream });
        return isObject(answer) && typeof answer.key === 'string' ? answer.key : undefined;
      } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 405)) return undefined;
        throw error;
      }
    },
  };
}

/** Waits until the token file is there and the server says it is ready. */
export async function waitForServer(
  url: string,
  tokenFile: string,
  withinMs: number,
  signal: AbortSignal,
): Promise<string> {
  const until = Date.now() + withinMs;
  let last = '';
  while (!signal.aborted) {
    try {
      const token = readFileSync(tokenFile, 'utf8').trim();
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) });
      if (answer.ok && token !== '') return token;
      last = `${url}/readyz answers ${answer.status}`;
    } catch (error) {
      last = reason(error);
    }
    if (Date.now() > until) throw new Error(`No server within ${withinMs / 1000} s: ${last}`);
    await pause(500, signal);
  }
  throw new Error('Stopped while waiting for the server');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** An array of objects, bare or under one name. */
function rows(answer: unknown, name: string): readonly Record<string, unknown>[] {
  const list = Array.isArray(answer) ? answer : isObject(answer) ? answer[name] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}
