/** Credentials of the device port: made here, kept as hashes, and pushed to the doors whenever they change. */
import type { Principal } from '../../ingest/model/index.ts';
import type { State } from '../state/index.ts';
import { hashSecret, newSecret } from './secret.ts';

/** One device or gateway to be made. */
export interface DeviceInput {
  readonly id: string;
  readonly kind: 'device' | 'gateway';
  /** MQTT topic filters; `{id}` stands for the principal's id. Default: its own `things/{id}/#`. */
  readonly publish?: readonly string[] | undefined;
  readonly subscribe?: readonly string[] | undefined;
  /** True: an existing principal gets a new token (and these filters); the old token dies. */
  readonly rotate?: boolean | undefined;
}

export interface Devices {
  /**
   * Makes all or none.
   *
   * @returns Tokens, shown once; or the ids that exist already and were not to be rotated.
   */
  create(
    inputs: readonly DeviceInput[],
  ): Promise<
    | { readonly made: readonly { readonly id: string; readonly token: string }[] }
    | { readonly existing: readonly string[] }
  >;
  /** @returns False when there is no such principal. */
  setDisabled(id: string, disabled: boolean): Promise<boolean>;
  /** All principals as the doors take them. */
  principals(): Promise<readonly Principal[]>;
}

/** What a device may say and hear unless told otherwise: itself. */
const OWN_TOPICS = ['things/{id}/#'] as const;
/** Ids looked up in one statement: well under SQLite's limit of bound values. */
const IDS_PER_STATEMENT = 500;

/**
 * @param push - Called with the whole set after every change, e.g. `doors.setPrincipals`.
 * @param now - Clock, UTC ms.
 */
export function createDevices(
  state: State,
  push: (principals: readonly Principal[]) => Promise<void>,
  now: () => number = Date.now,
): Devices {
  const devices: Devices = {
    async create(inputs) {
      const fresh = inputs.filter((input) => input.rotate !== true).map((input) => input.id);
      const existing: string[] = [];
      for (let i = 0; i < fresh.length; i += IDS_PER_STATEMENT) {
        const ids = fresh.slice(i, i + IDS_PER_STATEMENT);
        const rows = await state.selectFrom('principal').select('id').where('id', 'in', ids).execute();
        existing.push(...rows.map((row) => row.id));
      }
      if (existing.length > 0) return { existing };
      const made = inputs.map((input) => ({ id: input.id, token: newSecret() }));
      await state.transaction().execute(async (transaction) => {
        for (const [i, input] of inputs.entries()) {
          const row = {
            id: input.id,
            kind: input.kind,
            token_hash: hashSecret(made[i]!.token),
            publish: JSON.stringify(input.publish ?? OWN_TOPICS),
            subscribe: JSON.stringify(input.subscribe ?? OWN_TOPICS),
            created_at: now(),
            disabled: 0,
          };
          const { id: _id, created_at: _createdAt, ...change } = row;
          await transaction
            .insertInto('principal')
            .values(row)
            .onConflict((c) => c.column('id').doUpdateSet(change))
            .execute();
        }
      });
      await push(await devices.principals());
      return { made };
    },
    async setDisabled(id, disabled) {
      const change = { disabled: disabled ? 1 : 0 };
      const result = await state.updateTable('principal').set(change).where('id', '=', id).executeTakeFirst();
      if (result.numUpdatedRows === 0n) return false;
      await push(await devices.principals());
      return true;
    },
    async principals() {
      const rows = await state.selectFrom('principal').selectAll().orderBy('id').execute();
      return rows.map((row) => ({
        id: row.id,
        kind: row.kind === 'gateway' ? 'gateway' : 'device',
        tokenHash: row.token_hash,
        publish: topicFilters(row.publish),
        subscribe: topicFilters(row.subscribe),
        disabled: row.disabled !== 0,
      }));
    },
  };
  return devices;
}

/** The topic filters of a principal's row, from their JSON text. */
export function topicFilters(text: string): readonly string[] {
  const read: unknown = JSON.parse(text);
  return Array.isArray(read) ? read.filter((entry): entry is string => typeof entry === 'string') : [];
}
