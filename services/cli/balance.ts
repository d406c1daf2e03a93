/** Did everything that went in come out somewhere? Accounts before and after, by dataset, source and delivery. */
import type { AccountsAnswer, Tally } from '../../viz/schema/index.ts';
import type { Client } from './client.ts';
import { CommandError, say } from './command.ts';

type Account = AccountsAnswer['accounts'][number];

/** What an ingest or a replay prints. */
export interface Balance {
  /** True when every account balances and as many records came in as were sent. */
  readonly balanced: boolean;
  /** Records handed to the door. */
  readonly sent: number;
  readonly accounts: readonly Account[];
}

const POLL_MS = 200;
const SAY_EVERY_MS = 5000;
/** No progress of the index for this long is a fault, ms. */
const STALLED_MS = 120_000;

/** In `readAccounts`: what came as messages, not in a delivery. */
export const MESSAGES = '-';
/** Deliveries of one question, and rows of its answer. */
const ASKED_AT_ONCE = 50;
const ROWS_MAX = 10_000;

/**
 * The accounts of some deliveries as they are now.
 *
 * @param deliveries - Ids, beginnings of ids with a `*` behind, or `MESSAGES`.
 */
export async function readAccounts(
  client: Pick<Client, 'get'>,
  deliveries: readonly string[],
): Promise<readonly Account[]> {
  const accounts: Account[] = [];
  for (let i = 0; i < deliveries.length; i += ASKED_AT_ONCE) {
    const answer = await client.get<AccountsAnswer>('/api/v1/accounts', {
      by: 'delivery',
      delivery: deliveries.slice(i, i + ASKED_AT_ONCE).join(','),
      limit: String(ROWS_MAX),
    });
    accounts.push(...answer.accounts);
  }
  return accounts;
}

/**
 * Waits until the index has passed a journal position.
 *
 * @throws {CommandError} When it makes no progress.
 */
export async function waitForIndex(client: Client, position: number): Promise<void> {
  let best = -1;
  let movedAt = Date.now();
  let saidAt = Date.now();
  for (;;) {
    const { index } = await client.get<{ index: number; head: number }>('/api/v1/position');
    if (index >= position) return;
    const now = Date.now();
    if (index > best) {
      best = index;
      movedAt = now;
    } else if (now - movedAt > STALLED_MS) {
      throw new CommandError(`The index stands at ${index}; ${position} is wanted`);
    }
    if (now - saidAt > SAY_EVERY_MS) {
      say(`index at ${index} of ${position}`);
      saidAt = now;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/**
 * What came in between two readings of the accounts.
 *
 * @param keep - Which accounts belong to what was sent.
 */
export function balanceOf(
  before: readonly Account[],
  after: readonly Account[],
  sent: number,
  keep: (account: Account) => boolean,
): Balance {
  const key = (account: Account) => JSON.stringify([account.dataset, account.source, account.delivery]);
  const was = new Map(before.map((account) => [key(account), account]));
  const accounts = after
    .filter(keep)
    .map((account) => minus(account, was.get(key(account))))
    .filter((account) => account.records.in > 0 || account.readings.in > 0);
  const whole = accounts.every((account) => balances(account.records) && balances(account.readings));
  const records = accounts.reduce((sum, account) => sum + account.records.in, 0);
  return { balanced: whole && records === sent, sent, accounts };
}

function balances(tally: Tally): boolean {
  return tally.in === tally.stored + tally.refused + tally.held + tally.duplicates;
}

function minus(now: Account, before: Account | undefined): Account {
  if (!before) return now;
  const difference = (a: Tally, b: Tally): Tally => ({
    in: a.in - b.in,
    stored: a.stored - b.stored,
    refused: a.refused - b.refused,
    held: a.held - b.held,
    duplicates: a.duplicates - b.duplicates,
  });
  return {
    ...now,
    records: difference(now.records, before.records),
    readings: difference(now.readings, before.readings),
    partialRecords: now.partialRecords - before.partialRecords,
  };
}
