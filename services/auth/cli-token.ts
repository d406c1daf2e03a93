/** The token of the local command line: who can read the file owns the data folder and may administer the server. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import type { State } from '../state/index.ts';
import { hashSecret } from './secret.ts';
import { createTokens } from './tokens.ts';

const NAME = 'local command line';

/**
 * Makes sure that the file holds a good token; one that is good already stays, so that programs survive a restart.
 *
 * @param path - File, written with mode 0600.
 */
export async function provideCliToken(
  state: State,
  path: string,
  now: () => number = Date.now,
): Promise<void> {
  const held = readToken(path);
  if (held !== undefined) {
    const good = await state
      .selectFrom('token')
      .select('id')
      .where('hash', '=', hashSecret(held))
      .where('name', '=', NAME)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (good) {
      chmodSync(path, 0o600);
      return;
    }
  }
  const tokens = createTokens(state, now);
  await tokens.revokeNamed(NAME);
  const { token } = await tokens.create(NAME, 'admin', 'server', null);
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
}

/** The token in the file; undefined when there is none. */
export function readToken(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}
