import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import type { Account } from './accounts.ts';
import { appendRows } from './append-rows.ts';

const UPDATED = [
  'records_stored',
  'records_refused',
  'records_held',
  'records_duplicate',
  'records_partial',
  'readings_stored',
  'readings_refused',
  'readings_held',
  'readings_duplicate',
  'newest_at',
] as const;
/** Accounts updated one by one; more of them in one statement, whose planning costs some ms. */
const ONE_BY_ONE = 4;

/** Writes accounts into their table, inside the caller's transaction. */
export class AccountWriter {
  readonly #connection: DuckDBConnection;
  #update: DuckDBPreparedStatement | undefined;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** @param plan - Of `AccountBook.plan`. */
  async write(plan: readonly { readonly account: Account; readonly known: boolean }[]): Promise<void> {
    await appendRows(
      this.#connection,
      'account',
      plan
        .filter(({ known }) => !known)
        .map(({ account }) => [
          account.id,
          account.dataset,
          account.source,
          account.delivery,
          ...countsOf(account),
        ]),
    );
    const known = plan.filter((entry) => entry.known).map(({ account }) => account);
    if (known.length > ONE_BY_ONE) await this.#connection.run(joinSql(known));
    else for (const account of known) await this.#updateOne(account);
  }

  /** Before the connection is closed. */
  release(): void {
    this.#update?.destroySync();
    this.#update = undefined;
  }

  async #updateOne(account: Account): Promise<void> {
    const set = UPDATED.map((column, index) => `${column} = $${index + 1}`).join(', ');
    this.#update ??= await this.#connection.prepare(
      `UPDATE account SET ${set} WHERE id = $${UPDATED.length + 1}`,
    );
    const update = this.#update;
    countsOf(account).forEach((count, index) => {
      update.bindBigInt(index + 1, BigInt(Math.round(count)));
    });
    update.bindUInteger(UPDATED.length + 1, account.id);
    await update.run();
  }
}

function joinSql(accounts: readonly Account[]): string {
  const names = UPDATED.map((_, index) => `c${index}`);
  const values = accounts.map(
    (account) => `(${[account.id, ...countsOf(account).map(Math.round)].join(',')})`,
  );
  return `UPDATE account SET ${UPDATED.map((column, index) => `${column} = v.${names[index]}`).join(', ')}
    FROM (VALUES ${values.join(',')}) v(id, ${names.join(', ')}) WHERE account.id = v.id`;
}

/** In the order of UPDATED. */
function countsOf({ records, readings, partial, newestAt }: Account): readonly number[] {
  return [
    records.stored,
    records.refused,
    records.held,
    records.duplicates,
    partial,
    readings.stored,
    readings.refused,
    readings.held,
    readings.duplicates,
    newestAt,
  ];
}
