import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { QueryError } from '../query/query-error.ts';
import { currentQueryContext, type Lane, type Question } from './query-context.ts';
import { type Columns, readColumns } from './read-columns.ts';
import { type Queued, StatementQueue } from './statement-queue.ts';

export type { Columns } from './read-columns.ts';

/**
 * Connections of questions. More would not be faster on the threads DuckDB has. Each statement that runs also holds a thread
 * of Node's pool (`UV_THREADPOOL_SIZE`, to be 16), which the journal's syncs need too.
 */
const CONNECTIONS = 2;
/** A statement that began as quick and still runs after this is heavy, ms: a rollup takes 50, a careless question seconds. */
const QUICK_MS = 200;
/** Rows of one answer, unless the statement says otherwise: some 100 MB here; the largest shape gives 500,000. */
const MAX_ROWS = 1_000_000;
/** Between two interrupts of one statement, ms: one that falls between its preparation and its start is lost in DuckDB. */
const INTERRUPT_EVERY_MS = 20;
/** Part of the queue that one asker may fill, so that others find room. */
const ASKER_SHARE = 0.5;

/** Work of the index on itself; each kind has a connection of its own, and so never a question's place. */
export type Upkeep = 'rollup' | 'seal';

export interface RunOptions {
  /** Default `quick`: what lasts longer is moved. `heavy` for what is known to read many raw rows. */
  readonly lane?: Lane;
  /** Rows at most. Default 1,000,000. */
  readonly maxRows?: number;
}

interface Statement extends Queued {
  readonly sql: string;
  readonly values: DuckDBValue[];
  readonly maxRows: number;
  readonly question: Question;
  readonly resolve: (answer: Columns) => void;
  readonly reject: (error: unknown) => void;
}

/** Why a statement was interrupted. */
type Ending = 'timeout' | 'cancelled' | 'evicted';

interface Running {
  readonly statement: Statement;
  readonly connection: DuckDBConnection;
  /** It has had its `QUICK_MS` in the quick lane while the heavy one was taken. */
  overdue: boolean;
  ending: Ending | undefined;
  /** Repeats the interrupt until it is heeded. */
  insist: NodeJS.Timeout | undefined;
}

/**
 * Runs statements of the query shapes on their own connections, two at a time behind a queue, at most one of them heavy, each
 * with a limit of time (DuckDB has none: a timer interrupts it) and of rows. The loader never waits in this queue.
 *
 * Nobody need know beforehand what is heavy: a statement that outlasts `QUICK_MS` becomes so where it stands; where another
 * heavy one runs already and somebody waits for the quick lane, it is interrupted and begins again in its turn, once.
 */
export class QueryPool {
  readonly #idle: DuckDBConnection[] = [];
  readonly #running = new Set<Running>();
  readonly #queue = new StatementQueue<Statement>();
  readonly #upkeep: Readonly<Record<Upkeep, UpkeepConnection>>;
  readonly #timeoutMs: number;
  readonly #queueMax: number;
  readonly #asked = new Set<Promise<unknown>>();
  /** Says more of a statement that failed than DuckDB does; undefined where it knows no more. */
  explainFailure: ((sql: string, error: unknown) => Promise<QueryError | undefined>) | undefined;
  #timedOut = 0;
  #refused = 0;
  #cancelled = 0;
  #moved = 0;
  #closed = false;
  #drained: (() => void) | undefined;

  private constructor(
    upkeep: Readonly<Record<Upkeep, UpkeepConnection>>,
    timeoutMs: number,
    queueMax: number,
  ) {
    this.#upkeep = upkeep;
    this.#timeoutMs = timeoutMs;
    this.#queueMax = queueMax;
  }

  static async open(instance: DuckDBInstance, timeoutMs: number, queueMax: number): Promise<QueryPool> {
    const upkeep = {
      rollup: new UpkeepConnection(await instance.connect()),
      seal: new UpkeepConnection(await instance.connect()),
    };
    const pool = new QueryPool(upkeep, timeoutMs, queueMax);
    for (let i = 0; i < CONNECTIONS; i++) pool.#idle.push(await instance.connect());
    return pool;
  }

  get metrics() {
    return {
      running: this.#running.size,
      waiting: this.#queue.size,
      timedOut: this.#timedOut,
      refused: this.#refused,
      /** Ended because the asker left. */
      cancelled: this.#cancelled,
      /** Began as quick and were moved to the heavy lane, with or without an interrupt. */
      moved: this.#moved,
    };
  }

  /**
   * Runs one statement in its turn, under the `QueryContext` it is asked in.
   *
   * @throws {QueryError} `busy` when the queue is full or closed, `timeout` when the question ran too long, `cancelled` when its
   * signal fired, `too-large` for too many rows or too much memory.
   */
  run(sql: string, values: DuckDBValue[] = [], options: RunOptions = {}): Promise<Columns> {
    const question = currentQueryContext() ?? { spentMs: 0 };
    const asker = question.asker ?? '';
    if (question.signal?.aborted === true) return Promise.reject(this.#gone());
    const full =
      this.#queue.size >= this.#queueMax ||
      (asker !== '' && this.#queue.sizeOf(asker) >= Math.ceil(this.#queueMax * ASKER_SHARE));
    if (this.#closed || full) {
      this.#refused += 1;
      const reason = this.#closed ? 'the index is closing' : `${this.#queue.size} are waiting already`;
      return Promise.reject(new QueryError('busy', `Cannot take the query: ${reason}`));
    }
    const { lane = 'quick', maxRows = MAX_ROWS } = options;
    let leave: (() => void) | undefined;
    const answer = new Promise<Columns>((resolve, reject) => {
      const statement = { sql, values, maxRows, asker, lane, question, resolve, reject };
      leave = () => this.#leave(statement);
      question.signal?.addEventListener('abort', leave);
      this.#queue.push(statement);
      this.#next();
    });
    const settled = answer.finally(() => {
      question.signal?.removeEventListener('abort', leave!);
      this.#asked.delete(settled);
    });
    this.#asked.add(settled);
    return settled;
  }

  /** Resolves when every statement that was asked before has ended, and what keeps the rollup. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#asked, this.#upkeep.rollup.run(async () => undefined)]);
  }

  /** Ends the statement that upkeep of this kind runs now, if any. */
  interruptUpkeep(upkeep: Upkeep): void {
    this.#upkeep[upkeep].interrupt();
  }

  /**
   * Lends the connection of a kind of upkeep for as long as the task takes, one task at a time; no limits. Whoever takes the
   * writer's turn within a task has to have ended before `close` is called in that turn.
   */
  lend<T>(task: (connection: DuckDBConnection) => Promise<T>, upkeep: Upkeep = 'rollup'): Promise<T> {
    return this.#upkeep[upkeep].run(task);
  }

  /** Interrupts what runs, refuses what waits, and disconnects. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#queue.clear()) {
      waiting.reject(new QueryError('busy', 'Cannot take the query: the index is closing'));
    }
    for (const one of this.#running) interrupt(one);
    const upkeep = Promise.all(Object.values(this.#upkeep).map((one) => one.close()));
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    for (const connection of this.#idle.splice(0)) connection.closeSync();
    await upkeep;
  }

  /** Starts what may start. */
  #next(): void {
    while (this.#idle.length > 0 && !this.#closed) {
      const heavyRuns = [...this.#running].some((one) => one.statement.lane === 'heavy');
      // Quick ones first: they are soon over, and a heavy one keeps its place then.
      const statement = this.#queue.take('quick') ?? (heavyRuns ? undefined : this.#queue.take('heavy'));
      if (statement === undefined) return;
      this.#start(statement, this.#idle.pop()!);
    }
    // All places taken and a quick one waits: who has outstayed goes.
    if (!this.#closed && this.#queue.has('quick')) {
      for (const one of this.#running) if (one.overdue) this.#end(one, 'evicted');
    }
  }

  #start(statement: Statement, connection: DuckDBConnection): void {
    const running: Running = { statement, connection, overdue: false, ending: undefined, insist: undefined };
    this.#running.add(running);
    const began = performance.now();
    const { question } = statement;
    const leftMs = Math.max(1, (question.timeoutMs ?? this.#timeoutMs) - question.spentMs);
    const late = setTimeout(() => this.#end(running, 'timeout'), leftMs);
    const outlasts = setTimeout(() => this.#outlast(running), QUICK_MS);
    const settle = () => {
      clearTimeout(late);
      clearTimeout(outlasts);
      clearInterval(running.insist);
      question.spentMs += performance.now() - began;
      this.#running.delete(running);
      this.#idle.push(connection);
    };
    readColumns(connection, statement.sql, statement.values, statement.maxRows).then(
      (answer) => {
        settle();
        statement.resolve(answer);
        this.#goOn();
      },
      (error: unknown) => {
        settle();
        if (running.ending === 'evicted' && !this.#closed) this.#queue.push(statement);
        else {
          const explained = this.#explain(error, running);
          // DuckDB's own words: somebody may know which part they are about.
          if (explained !== error || this.explainFailure === undefined) statement.reject(explained);
          else
            this.explainFailure(statement.sql, error).then(
              (more) => statement.reject(more ?? error),
              () => statement.reject(error),
            );
        }
        this.#goOn();
      },
    );
  }

  #goOn(): void {
    if (this.#closed && this.#running.size === 0) this.#drained?.();
    else this.#next();
  }

  /** It was not quick after all. */
  #outlast(running: Running): void {
    if (running.statement.lane === 'heavy') return;
    const heavyRuns = [...this.#running].some((one) => one.statement.lane === 'heavy');
    if (heavyRuns) running.overdue = true;
    else {
      running.statement.lane = 'heavy';
      this.#moved += 1;
    }
    this.#next();
  }

  #end(running: Running, ending: Ending): void {
    if (running.ending !== undefined) return;
    running.ending = ending;
    running.overdue = false;
    if (ending === 'evicted') {
      running.statement.lane = 'heavy';
      this.#moved += 1;
    }
    interrupt(running);
  }

  /** The asker of a statement has left. */
  #leave(statement: Statement): void {
    if (this.#queue.remove(statement)) {
      statement.reject(this.#gone());
      return;
    }
    for (const one of this.#running) {
      if (one.statement !== statement) continue;
      one.ending = undefined;
      this.#end(one, 'cancelled');
    }
  }

  #gone(): QueryError {
    this.#cancelled += 1;
    return new QueryError('cancelled', 'Nobody waits for the answer any more');
  }

  #explain(error: unknown, { statement, ending }: Running): unknown {
    if (ending === 'cancelled') return this.#gone();
    if (ending === 'timeout') {
      this.#timedOut += 1;
      const limitMs = statement.question.timeoutMs ?? this.#timeoutMs;
      return new QueryError('timeout', `Cannot answer within ${limitMs} ms: ask for less`, { cause: error });
    }
    if (error instanceof QueryError) return error;
    if (this.#closed) return new QueryError('busy', 'Cannot answer: the index is closing', { cause: error });
    if (error instanceof Error && error.message.startsWith('Out of Memory')) {
      return new QueryError('too-large', 'Cannot answer in the memory a query may use: ask for less', {
        cause: error,
      });
    }
    return error;
  }
}

function interrupt(running: Running): void {
  const { connection } = running;
  connection.interrupt();
  running.insist ??= setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
}

/** One connection that is lent, to one task after another. */
class UpkeepConnection {
  readonly #connection: DuckDBConnection;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  run<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const turn = async () => {
      if (this.#closed) throw new QueryError('busy', 'Cannot work on the index: it is closing');
      return task(this.#connection);
    };
    const result = this.#last.then(turn);
    this.#last = result.catch(() => undefined);
    return result;
  }

  interrupt(): void {
    this.#connection.interrupt();
  }

  /** Interrupts the task under way and waits for its end. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#connection.interrupt();
    const insist = setInterval(() => this.#connection.interrupt(), INTERRUPT_EVERY_MS);
    await this.#last;
    clearInterval(insist);
    this.#connection.closeSync();
  }
}
