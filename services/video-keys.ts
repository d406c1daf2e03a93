/**
 * Keys with which encoders publish: one a stream, in a file that only the owner of the data folder can read. In clear, because
 * RTMP sends them in clear and an encoder has to be told its key again after a repair.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { generateStreamKey, STREAM_NAME } from './video/index.ts';

const fileSchema = z.record(z.string().regex(STREAM_NAME), z.string().min(1));

export interface VideoKeys {
  /** All keys by stream. */
  all(): Readonly<Record<string, string>>;
  /** The key of a stream, made when there is none or when a new one is asked for. `made` tells which. */
  keyOf(stream: string, rotate: boolean): { readonly key: string; readonly made: boolean };
  /** @returns False when the stream has no key. */
  remove(stream: string): boolean;
}

/**
 * Opens the keys.
 *
 * @param path - File, written with mode 0600.
 * @param onChange - Told all keys after each change.
 * @throws When the file is there and is not what was written.
 */
export function openVideoKeys(
  path: string,
  onChange: (keys: Readonly<Record<string, string>>) => void,
): VideoKeys {
  let keys = readKeys(path);
  const change = (next: Readonly<Record<string, string>>): void => {
    // Through a second file: a crash leaves the old keys or the new ones, never half of them.
    writeFileSync(`${path}.new`, `${JSON.stringify(next, null, 1)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    keys = next;
    onChange(keys);
  };
  return {
    all: () => keys,
    keyOf(stream, rotate) {
      const held = Object.hasOwn(keys, stream) ? keys[stream] : undefined;
      if (held !== undefined && !rotate) return { key: held, made: false };
      const key = generateStreamKey();
      change({ ...keys, [stream]: key });
      return { key, made: true };
    },
    remove(stream) {
      if (!Object.hasOwn(keys, stream)) return false;
      change(Object.fromEntries(Object.entries(keys).filter(([name]) => name !== stream)));
      return true;
    },
  };
}

function readKeys(path: string): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  return fileSchema.parse(JSON.parse(text));
}
