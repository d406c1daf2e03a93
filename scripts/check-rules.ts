/** The rules of the house that no other tool knows: import directions, registries equal to folders, file sizes, words. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importFaults, isTest } from './import-rules.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const ROOMS = ['grid', 'ingest', 'analytics', 'services', 'viz', 'bench', 'examples', 'scripts'];
/** A file should stay small enough to hold in the head; the hard limit leaves room for tables. Lines. */
const MAX_LINES = 400;

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(path);
    return [path];
  });
}

const faults: string[] = [];
const sources = ROOMS.flatMap(filesBelow).filter((file) => /\.tsx?$/.test(file));
for (const file of sources) {
  const text = readFileSync(join(ROOT, file), 'utf8');
  for (const fault of importFaults(file, text))
    faults.push(`${fault.file}:${fault.line} imports "${fault.imported}": ${fault.reason}`);
  const lines = text.split('\n').length;
  if (lines > MAX_LINES && !isTest(file))
    faults.push(`${file} has ${lines} lines, at most ${MAX_LINES} are allowed: one idea a file`);
  const only = /\b(?:it|test|describe)\.(?:only|skip|todo)\(/.exec(text);
  if (only !== null && file !== 'scripts/check-rules.ts')
    faults.push(`${file} contains "${only[0]}": nothing is skipped in silence`);
}
faults.push(...unregisteredSources());

/** Every file that defines a source is named in the registry: one file, one line. */
function unregisteredSources(): string[] {
  const registry = readFileSync(join(ROOT, 'ingest/registry.ts'), 'utf8');
  return readdirSync(join(ROOT, 'ingest/sources'))
    .filter((name) => name.endsWith('.ts') && !isTest(name))
    .filter((name) => /= defineSource\(/.test(readFileSync(join(ROOT, 'ingest/sources', name), 'utf8')))
    .filter((name) => !registry.includes(`/${name}'`))
    .map((name) => `ingest/sources/${name} defines a source that ingest/registry.ts does not name`);
}

for (const fault of faults) console.error(fault);
console.log(`${sources.length} files checked, ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
