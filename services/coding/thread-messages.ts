/** What the main thread and the coding threads say to each other. */
import { CodingError, type CodingErrorCode, isCodingError } from './coding-error.ts';
import type { StreamRequest } from './open-session.ts';

/** To the stream thread. Every call but `close` gets one answer, in order of the session's calls. */
export type StreamCall =
  | { readonly call: number; readonly session: number; readonly open: StreamRequest }
  | { readonly call: number; readonly session: number; readonly push: Uint8Array }
  | { readonly call: number; readonly session: number; readonly end: true }
  | { readonly session: number; readonly close: true };

/** From the stream thread. */
export type StreamAnswer =
  | { readonly call: number; readonly bytes: Uint8Array; readonly rows: number; readonly refused: number }
  | { readonly call: number; readonly fault: Fault };

/** An error as it crosses a thread. `code` is absent of our own mistakes. */
export interface Fault {
  readonly message: string;
  readonly code?: CodingErrorCode;
}

export function faultOf(error: unknown): Fault {
  if (isCodingError(error)) return { code: error.code, message: error.message };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export function errorOf(fault: Fault): Error {
  return fault.code === undefined ? new Error(fault.message) : new CodingError(fault.code, fault.message);
}
