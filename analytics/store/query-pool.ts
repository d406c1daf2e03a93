import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { QueryError } from '../query/query-error.ts';

interface Waiting {
  readonly task: (connection: DuckDBConnection) => Promise<unknown>;
  /** Null: as long as it takes. */
  readonly timeoutMs: number | null;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** An answer by column, in the order of the statement: bigint for 64-bit integers, number, text or null. */
export interface Columns {
  readonly n: number;
  readonly columns: readonly (readonly unknown[])[];
}

/**
 * Connections beside the loader's. More would not be faster on the threads DuckDB has. Each statement that runs also holds
 * a thread of Node's pool of four, which the journal's syncs need too: two here and the loader's leave one free.
 */
const CONNECTIONS = 2;

/**
 * Runs statements of the query shapes on their own connections, two at a time behind a queue, each with a time limit
 * (DuckDB has none: a timer interrupts it). The loader never waits in this queue.
 */
export class QueryPool {
  readonly #idle: DuckDBConnection[] = [];
  readonly #busy = new Set<DuckDBConnection>();
  readonly #waiting: Waiting[] = [];
  readonly #timeoutMs: number;
  readonly #queueMax: number;
  #running = 0;
  #timedOut = 0;
  #refused = 0;
  #closed = false;
  #drained: (() => void) | undefined;

  private constructor(timeoutMs: number, queueMax: number) {
    this.#timeoutMs = timeoutMs;
    this.#queueMax = queueMax;
  }

  static async open(instance: DuckDBInstance, timeoutMs: number, queueMax: number): Promise<QueryPool> {
    const pool = new QueryPool(timeoutMs, queueMax);
    for (let i = 0; i < CONNECTIONS; i++) pool.#idle.push(await instance.connect());
    return pool;
  }

  get metrics() {
    return {
      running: this.#running,
      waiting: this.#waiting.length,
      timedOut: this.#timedOut,
      refused: this.#refused,
    };
  }

  /** @throws {QueryError} `busy` when the queue is full or closed, `timeout` when the statement ran too long. */
  run(sql: string, values: DuckDBValue[] = []): Promise<Columns> {
    if (this.#closed || this.#waiting.length >= this.#queueMax) {
      this.#refused += 1;
      return Promise.reject(
        new QueryError('busy', `Cannot take the query: ${this.#waiting.length} are waiting already`),
      );
    }
    return this.#enqueue((connection) => read(connection, sql, values), this.#timeoutMs);
  }

  /** Lends a connection for as long as the task takes, in its turn: for the work that keeps the rollup. */
  lend<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#enqueue(task, null);
  }

  #enqueue<T>(task: (connection: DuckDBConnection) => Promise<T>, timeoutMs: number | null): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, timeoutMs, resolve: resolve as (answer: unknown) => void, reject });
      this.#next();
    });
  }

  /** Interrupts what runs, refuses what waits, and disconnects. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) {
      waiting.reject(new QueryError('busy', 'Cannot take the query: the index is closing'));
    }
    for (const connection of this.#busy) connection.interrupt();
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    for (const connection of this.#idle.splice(0)) connection.closeSync();
  }

  #next(): void {
    const connection = this.#idle.at(-1);
    const waiting = connection === undefined ? undefined : this.#waiting.shift();
    if (connection === undefined || waiting === undefined) return;
    this.#idle.pop();
    this.#busy.add(connection);
    this.#running += 1;
    let late = false;
    const timer =
      waiting.timeoutMs === null
        ? undefined
        : setTimeout(() => {
            late = true;
            connection.interrupt();
          }, waiting.timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      this.#running -= 1;
      this.#busy.delete(connection);
      this.#idle.push(connection);
      if (this.#closed && this.#running === 0) this.#drained?.();
      else this.#next();
    };
    waiting.task(connection).then(
      (answer) => {
        settle();
        waiting.resolve(answer);
      },
      (error: unknown) => {
        settle();
        if (late) this.#timedOut += 1;
        waiting.reject(this.#explain(error, late));
      },
    );
  }

  #explain(error: unknown, late: boolean): unknown {
    if (late) {
      return new QueryError('timeout', `Cannot answer within ${this.#timeoutMs} ms: ask for less`, {
        cause: error,
      });
    }
    if (this.#closed) return new QueryError('busy', 'Cannot answer: the index is closing', { cause: error });
    if (error instanceof Error && error.message.startsWith('Out of Memory')) {
      return new QueryError('too-large', 'Cannot answer in the memory a query may use: ask for less', {
        cause: error,
      });
    }
    return error;
  }
}

async function read(connection: DuckDBConnection, sql: string, values: DuckDBValue[]): Promise<Columns> {
  const reader = await connection.runAndReadAll(sql, values.length === 0 ? undefined : values);
  const n = reader.currentRowCount;
  const columns = n === 0 ? Array.from({ length: reader.columnCount }, () => []) : reader.getColumns();
  return { n, columns };
}
