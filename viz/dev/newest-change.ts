/** Development only: how new the sources in a folder are, to tell whether what was built from them is stale. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Newest change under a folder, ms; tests do not count, they are in no bundle. */
export function newestChange(folder: string): number {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.includes('.test.')) continue;
    const found = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    newest = Math.max(newest, found?.mtimeMs ?? 0);
  }
  return newest;
}
