/** The job of a file that is coded, as the server tells it, and what the page reads from it. Pure. */

export type CodingJobState = 'waiting' | 'running' | 'done' | 'failed';

export interface RefusedRow {
  /** From 1, the header not counted. */
  readonly row: number;
  readonly code: string;
  readonly message: string;
}

export interface CodingSummary {
  readonly rows: number;
  readonly refused: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly firstRefused: readonly RefusedRow[];
  /** Columns that were read, by part: `{ lon: '经度' }`. */
  readonly columns: Readonly<Record<string, string>>;
  readonly added: readonly string[];
  /** Of CSV. */
  readonly encoding?: string;
  readonly delimiter?: string;
}

/** Answer of `GET /api/v1/coding/files/{id}`; times are UTC ms. */
export interface CodingJob {
  readonly id: string;
  readonly name: string;
  readonly state: CodingJobState;
  readonly direction: 'encode' | 'decode';
  readonly format: 'csv' | 'geojson' | 'xlsx';
  readonly bytes: number;
  readonly progress: {
    readonly rows: number;
    readonly refused: number;
    readonly bytesRead: number;
    /** 0 to 1. */
    readonly share: number;
  };
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly expiresAt: number | null;
  readonly summary: CodingSummary | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly links: { readonly self: string; readonly result: string | null };
}

export function isUnderWay({ state }: Pick<CodingJob, 'state'>): boolean {
  return state === 'waiting' || state === 'running';
}

/** Does it wait for somebody to name the columns? */
export function wantsColumns(job: CodingJob | null): boolean {
  return job?.error?.code === 'columns-unclear';
}

/** `x.csv` becomes `x.coded.csv`, as the server names it. */
export function codedName(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name}.coded` : `${name.slice(0, dot)}.coded${name.slice(dot)}`;
}

/** Links of the server as addresses relative to the page, which may stand below a folder of a proxy. */
export function relativeLink(link: string): string {
  return link.replace(/^\/+/, '');
}

/** Names in double quotes in a sentence of the server: the columns it found. In order, once each. */
export function quotedNames(sentence: string): readonly string[] {
  return [...new Set([...sentence.matchAll(/"([^"]+)"/g)].map(([, name]) => name!))];
}

/** Refusals by reason, most frequent first. */
export function byReason(summary: CodingSummary): readonly (readonly [string, number])[] {
  return Object.entries(summary.refusals).sort(([, a], [, b]) => b - a);
}
