/**
 * The tables of the guides that follow from the code: settings from the config schema, routes and roles from the route table,
 * the names of `jingwei/grid` from its doc comments.
 * A guide holds each between `<!-- table: name -->` and `<!-- /table -->`; `node --import tsx scripts/docs/tables.ts` writes them anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ROLES } from '../../services/auth/index.ts';
import { loadConfig } from '../../services/config.ts';
import { configSchema } from '../../services/config-schema.ts';
import { ROUTES } from '../../services/routes/index.ts';
import { gridNames } from './grid-names.ts';

/** Which table stands in which guide. */
export const TABLES: readonly {
  readonly file: string;
  readonly name: string;
  readonly make: () => string;
}[] = [
  { file: 'docs/operations.md', name: 'settings', make: settingsTable },
  { file: 'docs/operations.md', name: 'roles', make: rolesTable },
  { file: 'docs/api.md', name: 'routes', make: routesTable },
  { file: 'docs/grid.md', name: 'grid-names', make: gridNamesTable },
];

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The text of a guide with its generated tables as they must be. */
export function withTables(file: string, text: string): string {
  let out = text;
  for (const { name, make } of TABLES.filter((table) => table.file === file)) {
    const open = `<!-- table: ${name} -->`;
    const from = out.indexOf(open);
    const to = out.indexOf('<!-- /table -->', from);
    if (from < 0 || to < 0) throw new Error(`Cannot find the place of the table "${name}" in ${file}`);
    out = `${out.slice(0, from + open.length)}\n${make()}\n${out.slice(to)}`;
  }
  return out;
}

/** A route's path as the guides write it: `/api/v1/zones/{dggrs}/{zoneId}`. */
export function writtenPath(path: string): string {
  return path.replace(/:([A-Za-z]+)/g, '{$1}');
}

function settingsTable(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const rows = loadConfig({}).settings.map(({ path, env, meaning }) => {
    const leaf = at(schema, path);
    return [`\`${path}\``, `\`${env}\``, defaultOf(leaf), boundsOf(leaf), meaning];
  });
  return markdown(['setting', 'environment', 'default', 'bounds', 'meaning'], rows);
}

interface Leaf {
  readonly properties?: Readonly<Record<string, Leaf>>;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly string[];
  readonly type?: string;
}

function at(schema: unknown, path: string): Leaf {
  return path.split('.').reduce((node, key) => node.properties?.[key] ?? {}, schema as Leaf);
}

function defaultOf(leaf: Leaf): string {
  return leaf.default === undefined ? '-' : `\`${String(leaf.default)}\``;
}

function boundsOf(leaf: Leaf): string {
  if (leaf.enum !== undefined) return leaf.enum.join(', ');
  if (leaf.type === 'boolean') return 'true, false';
  if (leaf.type === 'string')
    return leaf.maxLength === undefined ? 'text' : `${leaf.minLength ?? 0} to ${leaf.maxLength} characters`;
  const open = leaf.maximum === undefined || leaf.maximum >= Number.MAX_SAFE_INTEGER;
  return open ? `from ${leaf.minimum ?? 0}` : `${leaf.minimum ?? 0} to ${leaf.maximum}`;
}

function rolesTable(): string {
  const rows = ROUTES.flatMap((route) => {
    if (route.roles === 'open') return [];
    const { roles } = route;
    const path = `\`${route.method} ${writtenPath(route.path)}\``;
    return [[path, ...ROLES.map((role) => (roles.includes(role) ? 'yes' : ''))]];
  });
  return markdown(['route', ...ROLES], rows);
}

function routesTable(): string {
  const rows = ROUTES.map((route) => [
    route.method,
    `\`${writtenPath(route.path)}\``,
    route.summary,
    route.roles === 'open' ? 'open to all' : route.roles.join(', '),
  ]);
  return markdown(['method', 'path', 'what', 'roles'], rows);
}

function gridNamesTable(): string {
  const rows = gridNames().map(({ name, kind, says }) => [`\`${name}\``, kind, says]);
  return markdown(['name', 'kind', 'what it is'], rows);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of new Set(TABLES.map((table) => table.file))) {
    const text = readFileSync(`${ROOT}${file}`, 'utf8');
    writeFileSync(`${ROOT}${file}`, withTables(file, text));
  }
}
