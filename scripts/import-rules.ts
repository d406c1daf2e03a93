/**
 * Who may import whom, as a table, and the check that reads every import statement of the tree. The picture and the
 * reasons are in docs/architecture.md.
 */
export interface ImportFault {
  readonly file: string;
  readonly line: number;
  readonly imported: string;
  readonly reason: string;
}

/** Room of a file: its first folder, or a narrower room with rules of its own. */
const ROOMS = [
  'ingest/model',
  'viz/schema',
  'grid',
  'ingest',
  'analytics',
  'services',
  'viz',
  'bench',
  'examples',
  'scripts',
] as const;
type Room = (typeof ROOMS)[number];

/** What each room may import of ours, besides itself. Tests, benches and scripts may reach every room. */
const MAY_IMPORT: Readonly<Record<Room, readonly Room[]>> = {
  grid: [],
  'ingest/model': [],
  'viz/schema': [],
  ingest: ['grid', 'ingest/model'],
  analytics: ['grid', 'ingest/model'],
  services: ['grid', 'ingest', 'ingest/model', 'analytics', 'viz/schema'],
  viz: ['grid', 'ingest/model', 'viz/schema'],
  examples: ['grid', 'ingest/model'],
  bench: [
    'grid',
    'ingest',
    'ingest/model',
    'analytics',
    'services',
    'viz',
    'viz/schema',
    'examples',
    'scripts',
  ],
  scripts: ['grid', 'ingest', 'ingest/model', 'analytics', 'services', 'viz', 'viz/schema', 'examples'],
};

/** Rooms that a browser loads: no node built-in, no native package. */
const BROWSER_SAFE: readonly Room[] = ['grid', 'ingest/model', 'viz/schema'];
const NATIVE = /^(node:|@duckdb\/|libsql|express|ws$|mqtt$|pino)/;

/** Other rooms are entered by their front door only. */
const FRONT_DOORS: Readonly<Partial<Record<Room, RegExp>>> = {
  grid: /^grid\/index\.ts$/,
  ingest: /^ingest\/index\.ts$/,
  'ingest/model': /^ingest\/model\/index\.ts$/,
  analytics: /^analytics\/index\.ts$/,
  'viz/schema': /^viz\/schema\/index\.ts$/,
};

export function roomOf(file: string): Room | undefined {
  return ROOMS.find((room) => file === room || file.startsWith(`${room}/`));
}

/** Whether a file is about the code rather than of it: such a file may reach any room. */
export function isTest(file: string): boolean {
  return /\.(test|contract|browser\.test)\.tsx?$/.test(file) || /(^|\/)(dev|testing|golden)\//.test(file);
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?:type\s+)?(?:[^'";]*?\sfrom\s*)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Import specifiers of a source text with their line numbers, static and dynamic. */
export function importsOf(text: string): { specifier: string; line: number }[] {
  const found: { specifier: string; line: number }[] = [];
  for (const match of text.matchAll(IMPORT)) {
    const specifier = match[1] ?? match[2] ?? '';
    const at = (match.index ?? 0) + match[0].indexOf(specifier);
    found.push({ specifier, line: text.slice(0, at).split('\n').length });
  }
  return found;
}

/** Resolves a relative specifier against the importing file, both as repository paths. */
export function resolveImport(file: string, specifier: string): string {
  const parts = file.split('/').slice(0, -1);
  for (const step of specifier.replace(/\?.*$/, '').split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return parts.join('/');
}

/** The faults of one file. `file` is its path from the repository root with forward slashes. */
export function importFaults(file: string, text: string): ImportFault[] {
  const room = roomOf(file);
  if (room === undefined || isTest(file)) return [];
  const faults: ImportFault[] = [];
  for (const { specifier, line } of importsOf(text)) {
    const fault = specifier.startsWith('.')
      ? ownImportFault(room, resolveImport(file, specifier))
      : BROWSER_SAFE.includes(room) && NATIVE.test(specifier)
        ? `${room}/ must stay loadable by a browser`
        : undefined;
    if (fault !== undefined) faults.push({ file, line, imported: specifier, reason: fault });
  }
  return faults;
}

function ownImportFault(room: Room, target: string): string | undefined {
  const targetRoom = roomOf(target);
  if (targetRoom === undefined || targetRoom === room) return undefined;
  if (!MAY_IMPORT[room].includes(targetRoom)) return `${room}/ may not import ${targetRoom}/`;
  if (room === 'bench' || room === 'scripts') return undefined;
  const door = FRONT_DOORS[targetRoom];
  const own = targetRoom.startsWith(`${room}/`) || room.startsWith(`${targetRoom}/`);
  if (door !== undefined && !own && !door.test(target))
    return `${targetRoom}/ is entered by its index.ts only`;
  return undefined;
}
