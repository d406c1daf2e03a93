/** What the city remembers between starts: the tokens of its devices in a file for its owner alone, and what it has done. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Done {
  /** The past of the fixed sensors has been sent and acknowledged. */
  readonly backfill?: boolean;
  /** The registers (schools, hospitals, enterprises) lie in the inbox. */
  readonly registers?: boolean;
  /** Hotline cases up to this instant have been delivered, epoch ms. */
  readonly hotlineUntil?: number;
  /** The city the above is true of: another seed starts afresh. */
  readonly seed?: number;
}

export interface Memory {
  readonly tokens: ReadonlyMap<string, string>;
  readonly done: Done;
  /** Adds tokens, replacing older ones of the same devices. */
  keepTokens(tokens: readonly { readonly id: string; readonly token: string }[]): void;
  note(done: Done): void;
  /** The server knows nothing of us: neither do we. */
  forget(): void;
}

/** Opens (or makes) the state folder. A file that cannot be read counts as lost. */
export function openMemory(folder: string): Memory {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const tokenFile = join(folder, 'device-tokens.json');
  const doneFile = join(folder, 'state.json');
  const tokens = new Map<string, string>(
    Object.entries(readObject(tokenFile)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
  let done = readDone(readObject(doneFile));
  const saveTokens = () => writeWhole(tokenFile, JSON.stringify(Object.fromEntries(tokens)));
  const saveDone = () => writeWhole(doneFile, JSON.stringify(done));
  return {
    tokens,
    get done() {
      return done;
    },
    keepTokens(added) {
      for (const { id, token } of added) tokens.set(id, token);
      saveTokens();
    },
    note(more) {
      done = { ...done, ...more };
      saveDone();
    },
    forget() {
      tokens.clear();
      done = {};
      saveTokens();
      saveDone();
    },
  };
}

/** What is not of its kind counts as not done. */
function readDone({ backfill, registers, hotlineUntil, seed }: Record<string, unknown>): Done {
  return {
    backfill: backfill === true,
    registers: registers === true,
    ...(typeof hotlineUntil === 'number' ? { hotlineUntil } : {}),
    ...(typeof seed === 'number' ? { seed } : {}),
  };
}

function readObject(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Written aside and renamed, so that a crash leaves the old file or the new one. */
function writeWhole(file: string, text: string): void {
  const aside = `${file}.new`;
  writeFileSync(aside, text, { mode: 0o600 });
  chmodSync(aside, 0o600);
  renameSync(aside, file);
}
