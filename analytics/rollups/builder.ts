import type { DuckDBConnection } from '@duckdb/node-api';
import type { Mutex } from '../store/mutex.ts';
import type { QueryPool } from '../store/query-pool.ts';
import type { StoreState } from '../store/state.ts';
import { columnOf } from '../zones.ts';
import { ROLLUP_BASES, ROLLUP_BUCKET_MS } from './definition.ts';

/** Hours built in one transaction: a few thousand rows each for a city of some thousand datastreams. */
const HOURS_PER_BUILD = 6;

/**
 * Builds hours that have closed, on one of the connections of queries: the reading and the writing go on beside the loader,
 * and only the last step, taking the dirty marks away and committing, takes its turn with it. Hours that rows reached meanwhile
 * stay dirty and are built again later; until then they are answered from the rows.
 */
export class RollupBuilder {
  readonly #pool: QueryPool;
  readonly #state: StoreState;
  readonly #writer: Mutex;

  constructor(pool: QueryPool, state: StoreState, writer: Mutex) {
    this.#pool = pool;
    this.#state = state;
    this.#writer = writer;
  }

  /** @returns How many hours were built. */
  async build(nowMs: number, maxHours: number): Promise<number> {
    const closed = this.#state.dirty
      .closed(nowMs, ROLLUP_BUCKET_MS)
      .filter((hour) => hour >= this.#state.droppedBefore)
      .slice(0, maxHours);
    let built = 0;
    for (let start = 0; start < closed.length; start += HOURS_PER_BUILD) {
      const hours = closed.slice(start, start + HOURS_PER_BUILD);
      built += await this.#pool.lend((connection) => this.#buildHours(connection, hours));
    }
    return built;
  }

  async #buildHours(connection: DuckDBConnection, hours: readonly number[]): Promise<number> {
    const versions = new Map(hours.map((hour) => [hour, this.#state.dirty.version(hour)]));
    await connection.run('BEGIN');
    try {
      await connection.run(`DELETE FROM rollup WHERE bucket IN (${hours.join(',')})`);
      for (const hour of hours) await connection.run(this.#insertSql(hour));
      return await this.#writer.run(async () => {
        const unchanged = hours.filter((hour) => this.#state.dirty.version(hour) === versions.get(hour));
        if (unchanged.length > 0) {
          await connection.run(`DELETE FROM rollup_dirty WHERE bucket IN (${unchanged.join(',')})`);
        }
        await connection.run('COMMIT');
        for (const hour of unchanged) this.#state.dirty.clean(hour);
        return unchanged.length;
      });
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  #insertSql(hour: number): string {
    const end = hour + ROLLUP_BUCKET_MS;
    const sources = this.#state.partitions
      .touching(hour, end)
      .map(({ name }) => `SELECT * FROM ${name} WHERE time >= ${hour}::BIGINT AND time < ${end}::BIGINT`);
    const rows = sources.length === 0 ? 'SELECT * FROM observation_none' : sources.join(' UNION ALL ');
    const bases = ROLLUP_BASES.map(({ dggrs, level }) => {
      const column = columnOf(dggrs);
      return `SELECT '${dggrs}', ${hour}::BIGINT, d.dataset, d.property, ${column}_parent(o.${column}, ${level}) AS zone, count(*),
        fsum(o.result), coalesce(var_pop(o.result), 0) * count(*), min(o.result), max(o.result), max(o.time)
      FROM o JOIN datastream d ON d.id = o.datastream GROUP BY d.dataset, d.property, zone`;
    });
    return `INSERT INTO rollup WITH o AS MATERIALIZED (${rows}) ${bases.join(' UNION ALL ')}`;
  }
}
