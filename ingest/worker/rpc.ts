/**
 * Typed calls over a MessagePort: one side serves functions, the other calls them by name. An error arrives as the error it
 * was, typed arrays are transferred where the server says so, and a long call may tell its progress.
 */
import { type MessagePort, type Transferable, Worker } from 'node:worker_threads';
import { IngestError, type IngestErrorCode } from '../ingest-error.ts';

/** The functions one side offers. */
export type Calls = Record<string, (...args: never[]) => unknown>;
type Result<F extends (...args: never[]) => unknown> = Awaited<ReturnType<F>>;

/** Functions that serve; the first argument reports progress. */
export type Handlers<C extends Calls> = {
  readonly [K in keyof C]: (
    progress: (value: number) => void,
    ...args: Parameters<C[K]>
  ) => Result<C[K]> | Promise<Result<C[K]>>;
};

type Request = { readonly id: number; readonly method: string; readonly args: readonly unknown[] };
type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WireError }
  | { readonly id: number; readonly progress: number };
type WireError = { name: string; message: string; code?: string; stack?: string };

/** One end of a channel: what a Worker and a parent port have in common. */
export interface Port {
  postMessage(value: unknown, transfer?: readonly Transferable[]): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** The end of a channel that `end` is. */
export function toPort(end: Worker | MessagePort): Port {
  return {
    postMessage: (value, transfer) => end.postMessage(value, transfer),
    onMessage: (listener) => {
      if (end instanceof Worker) end.on('message', listener);
      else end.on('message', listener);
    },
  };
}

/** The calling side. */
export interface Caller<C extends Calls> {
  call<K extends keyof C & string>(
    method: K,
    args: Parameters<C[K]>,
    options?: { readonly onProgress?: (value: number) => void; readonly transfer?: readonly Transferable[] },
  ): Promise<Result<C[K]>>;
  /** Rejects all that waits, and every later call: the other side is gone. */
  fail(error: Error): void;
}

/** Calls the functions that the other side of `port` serves. */
export function createCaller<C extends Calls>(port: Port): Caller<C> {
  type Waiting = {
    resolve: (value: never) => void;
    reject: (error: Error) => void;
    onProgress: ((value: number) => void) | undefined;
  };
  const waiting = new Map<number, Waiting>();
  let next = 0;
  let gone: Error | undefined;
  port.onMessage((message) => {
    const answer = message as Answer;
    const call = waiting.get(answer.id);
    if (call === undefined) return;
    if ('progress' in answer) {
      call.onProgress?.(answer.progress);
      return;
    }
    waiting.delete(answer.id);
    if ('error' in answer) call.reject(fromWire(answer.error));
    else call.resolve(answer.value as never);
  });
  return {
    call(method, args, options) {
      if (gone !== undefined) return Promise.reject(gone);
      const id = next++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject, onProgress: options?.onProgress });
        port.postMessage({ id, method, args } satisfies Request, options?.transfer ?? []);
      });
    },
    fail(error) {
      gone ??= error;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    },
  };
}

/**
 * Serves `handlers` on `port`.
 *
 * @param transferOf - Buffers of a result that are handed over rather than copied; the server must not use them again.
 */
export function serveCalls<C extends Calls>(
  port: Port,
  handlers: Handlers<C>,
  transferOf: (value: unknown) => readonly Transferable[] = () => [],
): void {
  port.onMessage((message) => {
    const { id, method, args } = message as Request;
    const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
    const progress = (value: number) => port.postMessage({ id, progress: value } satisfies Answer);
    const work = async () => {
      if (handler === undefined) throw new Error(`Cannot call "${method}": no such function`);
      return handler(progress, ...(args as never));
    };
    work().then(
      (value) => port.postMessage({ id, value } satisfies Answer, transferOf(value)),
      (error: unknown) => port.postMessage({ id, error: toWire(error) } satisfies Answer),
    );
  });
}

/** An error in a form that can be posted. */
export function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  const code = (error as { code?: unknown }).code;
  return {
    name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(stack === undefined ? {} : { stack }),
  };
}

/** The error that `toWire` was given, as far as it can be had again. */
export function fromWire(wire: WireError): Error {
  const error =
    wire.name === 'IngestError'
      ? new IngestError(wire.code as IngestErrorCode, wire.message)
      : Object.assign(new Error(wire.message), wire.code === undefined ? {} : { code: wire.code });
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}
