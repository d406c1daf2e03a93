import { type Account, addTally, closeTally } from '../store/accounts.ts';
import type { StoreState } from '../store/state.ts';
import type { AccountAnswer, AccountsAnswer } from './answers.ts';
import { checkLimit } from './checks.ts';
import type { Scope } from './scope.ts';
import type { AccountsQuery } from './shapes.ts';

/** Rows of one answer. */
export const MAX_ACCOUNTS = 10_000;

/**
 * The books, from memory: summed by dataset and source, or delivery by delivery, newest first. Records whose dataset could
 * not be told are shown to those who may see all datasets.
 */
export function queryAccounts(state: StoreState, scope: Scope, query: AccountsQuery): AccountsAnswer {
  const limit = checkLimit(query.limit ?? MAX_ACCOUNTS, MAX_ACCOUNTS);
  const kept = [...state.book.all].filter(
    (account) =>
      scope.allows(account.dataset) &&
      (query.datasets?.includes(account.dataset) ?? true) &&
      (query.sources?.includes(account.source) ?? true) &&
      (query.deliveries?.some((pattern) => matches(account.delivery, pattern)) ?? true) &&
      (query.since === undefined || account.newestAt >= query.since),
  );
  const rows = query.by === 'delivery' ? byDelivery(kept, limit) : bySource(kept).slice(0, limit);
  const total = query.by === 'delivery' ? kept.length : countSources(kept);
  return { accounts: rows, total, position: state.position };
}

function byDelivery(accounts: readonly Account[], limit: number): readonly AccountAnswer[] {
  return [...accounts]
    .sort((a, b) => b.newestAt - a.newestAt || b.id - a.id)
    .slice(0, limit)
    .map((account) => answerOf(account, account.delivery === '' ? 0 : 1));
}

function bySource(accounts: readonly Account[]): readonly AccountAnswer[] {
  const sums = new Map<string, { account: Account; deliveries: number }>();
  for (const account of accounts) {
    const key = sourceKey(account);
    const sum = sums.get(key);
    const one = account.delivery === '' ? 0 : 1;
    if (sum === undefined) sums.set(key, { account: { ...account, delivery: '' }, deliveries: one });
    else sums.set(key, { account: add(sum.account, account), deliveries: sum.deliveries + one });
  }
  return [...sums.values()]
    .map(({ account, deliveries }) => answerOf(account, deliveries))
    .sort((a, b) => a.dataset.localeCompare(b.dataset) || a.source.localeCompare(b.source));
}

function countSources(accounts: readonly Account[]): number {
  return new Set(accounts.map(sourceKey)).size;
}

function sourceKey({ dataset, source }: Account): string {
  return `${dataset}\u0000${source}`;
}

function add(sum: Account, account: Account): Account {
  return {
    ...sum,
    records: addTally(sum.records, account.records),
    readings: addTally(sum.readings, account.readings),
    partial: sum.partial + account.partial,
    newestAt: Math.max(sum.newestAt, account.newestAt),
  };
}

function matches(delivery: string, pattern: string): boolean {
  return pattern.endsWith('*') ? delivery.startsWith(pattern.slice(0, -1)) : delivery === pattern;
}

function answerOf(account: Account, deliveries: number): AccountAnswer {
  return {
    dataset: account.dataset,
    source: account.source,
    delivery: account.delivery,
    records: closeTally(account.records),
    readings: closeTally(account.readings),
    partialRecords: account.partial,
    deliveries,
    newestAt: account.newestAt === 0 ? null : account.newestAt,
  };
}
