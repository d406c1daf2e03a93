/** What somebody made that lets others in: it must not outlive the account. */
import type { State } from '../state/index.ts';

/** Ids of what was revoked. */
export interface Revoked {
  readonly tokens: readonly string[];
  readonly seats: readonly string[];
}

/**
 * Revokes every good bearer token and wall seat that a user made, those made with such a token, and so on, and ends the screens
 * of the seats. Tokens revoked earlier are followed too: what they made may still be good.
 *
 * @param state - A transaction, so that all of it goes or nothing.
 * @param at - UTC ms.
 */
export async function revokeMadeBy(state: State, user: string, at: number): Promise<Revoked> {
  const tokens: string[] = [];
  const seats: string[] = [];
  const seen = new Set([user]);
  // A set gives what is added while it is walked.
  for (const maker of seen) {
    const made = await state
      .selectFrom('token')
      .select(['id', 'revoked_at'])
      .where('created_by', '=', maker)
      .execute();
    for (const { id, revoked_at } of made) {
      seen.add(`token:${id}`);
      if (revoked_at === null) tokens.push(id);
    }
    const hung = await state
      .selectFrom('seat')
      .select('id')
      .where('created_by', '=', maker)
      .where('revoked_at', 'is', null)
      .execute();
    seats.push(...hung.map(({ id }) => id));
  }
  for (const id of tokens)
    await state.updateTable('token').set({ revoked_at: at }).where('id', '=', id).execute();
  for (const id of seats) {
    await state.updateTable('seat').set({ revoked_at: at }).where('id', '=', id).execute();
    await state.deleteFrom('session').where('seat_id', '=', id).execute();
  }
  return { tokens, seats };
}
