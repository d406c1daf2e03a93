/** What a file is to be coded with, and what came of it. Plain data: both cross a thread and are kept as JSON. */
import type { RefusalCode } from './coding-error.ts';
import type { CodeColumn, DecodePlan, EncodePlan } from './plan.ts';

export const FILE_FORMATS = ['csv', 'geojson', 'xlsx'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

export const FILE_ENCODINGS = ['utf-8', 'gb18030', 'utf-16le', 'utf-16be'] as const;
export type FileEncoding = (typeof FILE_ENCODINGS)[number];

interface TaskBase {
  readonly format: FileFormat;
  /** Of CSV; found out when it is not given. */
  readonly encoding?: FileEncoding;
  readonly delimiter?: string;
  /** Of XLSX; default the first sheet with the columns. */
  readonly sheet?: string;
}

export interface EncodeTask extends TaskBase {
  readonly direction: 'encode';
  readonly plan: EncodePlan;
  /** Names of the columns; found out when they are not given. */
  readonly lon?: string;
  readonly lat?: string;
  readonly height?: string;
  /** Adds each code's id as decimal text too. */
  readonly ids?: boolean;
  /** GeoJSON: adds the zones that cover each geometry. */
  readonly cover?: CodeColumn;
}

export interface DecodeTask extends TaskBase {
  readonly direction: 'decode';
  readonly plan: DecodePlan;
  readonly code?: string;
}

export type FileTask = EncodeTask | DecodeTask;

/** How far it is. */
export interface FileProgress {
  readonly rows: number;
  readonly refused: number;
  readonly bytesRead: number;
}

/** A refused row, for people: the first few are told. */
export interface RefusedRow {
  /** From 1, the header not counted. */
  readonly row: number;
  readonly code: RefusalCode;
  readonly message: string;
}

export interface FileSummary extends FileProgress {
  /** Columns that were read, by part: `{ lon: '经度', lat: '纬度' }`. */
  readonly columns: Readonly<Record<string, string>>;
  readonly added: readonly string[];
  /** What heights were read as, such as `sea-level:-32.5`; absent where no code has a height. */
  readonly heightReference?: string;
  readonly encoding?: FileEncoding;
  readonly delimiter?: string;
  readonly sheet?: string;
  readonly refusals: Readonly<Record<string, number>>;
  readonly firstRefused: readonly RefusedRow[];
}

/** Told while it works; may throw to end it. */
export type OnProgress = (progress: FileProgress) => void | Promise<void>;
