import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of the files under a folder whose names end so; 0 when the folder is not there. */
export function folderBytes(folder: string, ending = ''): number {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return 0;
  }
  return names
    .filter((name) => name.endsWith(ending))
    .map((name) => statSync(join(folder, name)))
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + entry.size, 0);
}
