/** Coding of files over HTTP: bring one with progress, list, remove, and read the head of a result. */
import { ApiError, type ApiErrorCode, getJson } from '../engine/api-client.ts';
import { type CodingJob, relativeLink } from './coding-job.ts';
import { SAMPLE_BYTES } from './table-sample.ts';

const FILES = 'api/v1/coding/files';
const TIMEOUT_MS = 15_000;

/** A refusal of the server with its code, so that a person of another language can be told too. */
export class CodingProblem extends ApiError {
  /** `code` of the problem details; null where there are none. */
  readonly problem: string | null;
  constructor(code: ApiErrorCode, status: number, message: string, problem: string | null) {
    super(code, status, message);
    this.name = 'CodingProblem';
    this.problem = problem;
  }
}

export interface Upload {
  /** Null when it was cancelled. @throws {CodingProblem} code `unreachable` when the connection was lost. */
  readonly job: Promise<CodingJob | null>;
  cancel(): void;
}

/** Sends a file as it is. @param onSent - Share sent so far, 0 to 1. */
export function bringFile(query: URLSearchParams, file: File, onSent: (share: number) => void): Upload {
  // Fetch does not tell how much of a body has gone.
  const request = new XMLHttpRequest();
  let allSent = false;
  let cancelled = false;
  const job = new Promise<CodingJob | null>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => onSent(total === 0 ? 0 : loaded / total);
    request.upload.onload = () => {
      allSent = true;
    };
    request.onload = () => {
      const made = request.status === 202 ? (JSON.parse(request.responseText) as CodingJob) : null;
      if (cancelled) {
        // Cancelled when the whole file was there already: what the server made of it goes again.
        void (made === null ? Promise.resolve() : removeJob(made))
          .catch(() => undefined)
          .then(() => resolve(null));
      } else if (made !== null) resolve(made);
      else reject(problemOf(request.status, request.responseText));
    };
    request.onabort = () => resolve(null);
    request.onerror = () => reject(new CodingProblem('unreachable', 0, '', null));
  });
  request.open('POST', `${FILES}?${query}`);
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.send(file);
  return {
    job,
    cancel: () => {
      cancelled = true;
      if (!allSent) request.abort();
    },
  };
}

/** The caller's files, newest first. @throws {ApiError} */
export async function listJobs(): Promise<readonly CodingJob[]> {
  return (await getJson<{ readonly files: readonly CodingJob[] }>(FILES)).files;
}

/** Ends a job under way, or removes it and its result. One that is gone already is no fault. @throws {CodingProblem} */
export async function removeJob(job: CodingJob): Promise<void> {
  const answer = await fetch(relativeLink(job.links.self), {
    method: 'DELETE',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  if (answer === null) throw new CodingProblem('unreachable', 0, '', null);
  if (!answer.ok && answer.status !== 404) throw problemOf(answer.status, await answer.text());
}

/** The first bytes of a result. @throws {CodingProblem} */
export async function headOfResult(
  link: string,
): Promise<{ readonly bytes: Uint8Array; readonly whole: boolean }> {
  const ending = new AbortController();
  const answer = await fetch(relativeLink(link), { signal: ending.signal }).catch(() => null);
  if (answer === null) throw new CodingProblem('unreachable', 0, '', null);
  if (!answer.ok || answer.body === null) throw problemOf(answer.status, await answer.text());
  const reader = answer.body.getReader();
  const bytes = new Uint8Array(SAMPLE_BYTES);
  let filled = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { bytes: bytes.subarray(0, filled), whole: true };
    const taken = value.subarray(0, SAMPLE_BYTES - filled);
    bytes.set(taken, filled);
    filled += taken.length;
    if (filled < SAMPLE_BYTES) continue;
    ending.abort();
    return { bytes, whole: false };
  }
}

function problemOf(status: number, body: string): CodingProblem {
  const told = readProblem(body);
  const code =
    status === 401 ? 'signed-out' : status === 403 ? 'refused' : status === 404 ? 'not-found' : 'server';
  return new CodingProblem(code, status, told.detail ?? told.title ?? `HTTP ${status}`, told.code ?? null);
}

function readProblem(body: string): {
  readonly detail?: string;
  readonly title?: string;
  readonly code?: string;
} {
  try {
    return JSON.parse(body) as { detail?: string; title?: string; code?: string };
  } catch {
    return {};
  }
}
