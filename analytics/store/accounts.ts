import type { LoadBatch, Position } from '../../ingest/model/index.ts';
import type { Tally } from '../query/answers.ts';
import type { RecordResults } from './record-results.ts';

export type RecordFate = 'stored' | 'refused' | 'held' | 'duplicates';

/**
 * The rule of the accounts, for one record. In order:
 *
 * 1. A redelivery recognised at the door is a duplicate; its readings are not counted again.
 * 2. Something of it was stored: stored. It is also `partial` when something of it was refused or held.
 * 3. Something of it was refused: refused, whatever was held or known already.
 * 4. Something of it was held: held.
 * 5. Everything in it was known already: a duplicate.
 * 6. It held nothing to keep and nothing to refuse (an empty array, a status message): stored, with no readings.
 */
export function recordFate(
  record: { readonly redelivery: boolean; readonly refused: boolean; readonly held: boolean },
  result: { readonly stored: number; readonly duplicates: number },
): { readonly fate: RecordFate; readonly partial: boolean } {
  if (record.redelivery) return { fate: 'duplicates', partial: false };
  if (result.stored > 0) return { fate: 'stored', partial: record.refused || record.held };
  if (record.refused) return { fate: 'refused', partial: false };
  if (record.held) return { fate: 'held', partial: false };
  if (result.duplicates > 0) return { fate: 'duplicates', partial: false };
  return { fate: 'stored', partial: false };
}

/** Running sums of one (dataset, source, delivery). */
export interface Account {
  readonly id: number;
  readonly dataset: string;
  readonly source: string;
  readonly delivery: string;
  readonly records: MutableTally;
  readonly readings: MutableTally;
  partial: number;
  /** Arrival of the newest record, as far as the batch tells it, UTC ms; 0 when unknown. */
  readonly newestAt: number;
}

export interface MutableTally {
  stored: number;
  refused: number;
  held: number;
  duplicates: number;
}

export function emptyTally(): MutableTally {
  return { stored: 0, refused: 0, held: 0, duplicates: 0 };
}

/** `in` is the sum of the four: there is no fifth way out. */
export function closeTally(tally: MutableTally): Tally {
  return { in: tally.stored + tally.refused + tally.held + tally.duplicates, ...tally };
}

/**
 * The changes one batch makes, by account. Pure: nothing of the book is touched.
 *
 * @param countedFrom - Records of entries before this position were counted already.
 */
export function tallyBatch(
  batch: Pick<LoadBatch, 'records' | 'rejections' | 'newestReceivedAt'>,
  results: RecordResults,
  countedFrom: Position = 0,
): readonly Omit<Account, 'id'>[] {
  const newestAt = batch.newestReceivedAt ?? 0;
  const rejected = fatesOfRejected(batch.rejections);
  const changes = new Map<string, Omit<Account, 'id'>>();
  let change: Omit<Account, 'id'> | undefined;
  for (let index = 0; index < batch.records.length; index++) {
    const record = batch.records[index]!;
    if (record.position < countedFrom) continue;
    // Neighbours mostly share an account: no key is made for them.
    if (
      change?.source !== record.sourceId ||
      change.dataset !== record.dataset ||
      change.delivery !== record.delivery
    ) {
      const key = accountKey(record.dataset, record.sourceId, record.delivery);
      change = changes.get(key);
      if (change === undefined) {
        change = {
          dataset: record.dataset,
          source: record.sourceId,
          delivery: record.delivery,
          records: emptyTally(),
          readings: emptyTally(),
          partial: 0,
          newestAt,
        };
        changes.set(key, change);
      }
    }
    const stored = results.stored[index]!;
    const duplicates = results.duplicates[index]!;
    const seen = rejected.get(index);
    const refused = record.refused > 0 || seen?.refused === true;
    const held = record.held > 0 || seen?.held === true;
    if (stored > 0 && !refused && !held && !record.redelivery) change.records.stored += 1;
    else {
      const { redelivery } = record;
      const { fate, partial } = recordFate({ redelivery, refused, held }, { stored, duplicates });
      change.records[fate] += 1;
      if (partial) change.partial += 1;
    }
    if (record.redelivery) continue;
    change.readings.stored += stored;
    change.readings.duplicates += duplicates;
    change.readings.refused += record.refused;
    change.readings.held += record.held;
  }
  return [...changes.values()];
}

/** A record that could not be taken apart has no readings to count: its rejection alone tells its fate. */
function fatesOfRejected(
  rejections: LoadBatch['rejections'],
): ReadonlyMap<number, { readonly refused: boolean; readonly held: boolean }> {
  const rejected = new Map<number, { refused: boolean; held: boolean }>();
  for (const rejection of rejections) {
    const seen = rejected.get(rejection.record) ?? { refused: false, held: false };
    if (rejection.disposition === 'refused') seen.refused = true;
    else seen.held = true;
    rejected.set(rejection.record, seen);
  }
  return rejected;
}

/** The book of all accounts, in memory and in the `account` table. */
export class AccountBook {
  readonly #accounts = new Map<string, Account>();

  get all(): Iterable<Account> {
    return this.#accounts.values();
  }

  get size(): number {
    return this.#accounts.size;
  }

  set(account: Account): void {
    this.#accounts.set(accountKey(account.dataset, account.source, account.delivery), account);
  }

  clear(): void {
    this.#accounts.clear();
  }

  /** The accounts as they will stand after the changes; `known` tells those that have a row already. */
  plan(
    changes: readonly Omit<Account, 'id'>[],
  ): readonly { readonly account: Account; readonly known: boolean }[] {
    let nextId = this.#accounts.size;
    return changes.map((change) => {
      const held = this.#accounts.get(accountKey(change.dataset, change.source, change.delivery));
      const account: Account = {
        id: held?.id ?? nextId++,
        dataset: change.dataset,
        source: change.source,
        delivery: change.delivery,
        records: addTally(held?.records, change.records),
        readings: addTally(held?.readings, change.readings),
        partial: (held?.partial ?? 0) + change.partial,
        newestAt: Math.max(held?.newestAt ?? 0, change.newestAt),
      };
      return { account, known: held !== undefined };
    });
  }
}

export function addTally(a: MutableTally | undefined, b: MutableTally): MutableTally {
  if (a === undefined) return { ...b };
  return {
    stored: a.stored + b.stored,
    refused: a.refused + b.refused,
    held: a.held + b.held,
    duplicates: a.duplicates + b.duplicates,
  };
}

function accountKey(dataset: string, source: string, delivery: string): string {
  return `${dataset}\u0000${source}\u0000${delivery}`;
}
