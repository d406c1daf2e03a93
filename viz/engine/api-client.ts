/** JSON over HTTP from our own server; errors become one typed class (RFC 9457 problem details when it sends them). */

export type ApiErrorCode = 'signed-out' | 'refused' | 'not-found' | 'unreachable' | 'server';

export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly status: number;
  constructor(code: ApiErrorCode, status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
  }
}

const codeOf = (status: number): ApiErrorCode =>
  status === 401 ? 'signed-out' : status === 403 ? 'refused' : status === 404 ? 'not-found' : 'server';

/** Longest wait for an answer, ms: beyond it the server counts as lost. */
const TIMEOUT_MS = 15_000;

async function call(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
    });
  } catch (cause) {
    throw new ApiError('unreachable', 0, String(cause));
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => null)) as { title?: string; detail?: string } | null;
  throw new ApiError(
    codeOf(response.status),
    response.status,
    problem?.detail ?? problem?.title ?? response.statusText,
  );
}

/** @throws {ApiError} */
export async function getJson<T>(path: string): Promise<T> {
  const response = await call(path, { headers: { accept: 'application/json' } });
  return (await response.json()) as T;
}

/** @throws {ApiError} */
export async function postJson(path: string, body: unknown): Promise<void> {
  await call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
