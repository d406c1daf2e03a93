/** Reads `jingwei.yaml`, then `JINGWEI_*`, into one validated `Config`, and remembers where each value came from. */
import { existsSync, readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { type Config, type ConfigInput, configSchema } from './config-schema.ts';

export type { Config, ConfigInput } from './config-schema.ts';

/** Names that begin with `JINGWEI_` and are not settings of the server: the file itself, and what the command line reads. */
const OTHER_NAMES = new Set(['JINGWEI_CONFIG', 'JINGWEI_URL', 'JINGWEI_TOKEN', 'JINGWEI_CHROMIUM']);
/** Prefixes left to the demonstration and to tests. */
const OTHER_PREFIXES = ['JINGWEI_DEMO_', 'JINGWEI_TEST_', 'JINGWEI_BENCH_'];

/** One setting as `doctor` shows it. */
export interface Setting {
  /** Path in the file, e.g. `http.port`. */
  readonly path: string;
  /** Name in the environment, e.g. `JINGWEI_HTTP_PORT`. */
  readonly env: string;
  readonly meaning: string;
  readonly value: unknown;
  /** `default`, the path of the file, or the name of the environment variable. */
  readonly from: string;
  /** True: the value is never shown. */
  readonly secret: boolean;
}

/** The settings and where they came from. */
export interface LoadedConfig {
  readonly config: Config;
  readonly settings: readonly Setting[];
  /** The file read, or null when there was none. */
  readonly file: string | null;
}

/** A wrong setting: every problem names its key, the value found and what is wanted. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`Cannot start with these settings: ${problems.join('; ')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Loads the settings.
 *
 * @param env - Environment to read; `JINGWEI_CONFIG` names the file, default `./jingwei.yaml` where present.
 * @throws {ConfigError} Unknown keys, wrong values, a named file that is missing or no YAML.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): LoadedConfig {
  const problems: string[] = [];
  const file = configFile(env, problems);
  const fromFile = file === null ? {} : readFile(file, problems);
  const sources = new Map<string, string>();
  const merged: Record<string, unknown> = structuredClone(fromFile);
  const leaves = settingLeaves();
  const byEnv = new Map(leaves.map((leaf) => [leaf.env, leaf]));
  for (const leaf of leaves) if (lookUp(fromFile, leaf.path) !== undefined) sources.set(leaf.path, file!);
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('JINGWEI_') || text === undefined || OTHER_NAMES.has(name)) continue;
    if (OTHER_PREFIXES.some((prefix) => name.startsWith(prefix))) continue;
    const leaf = byEnv.get(name);
    if (!leaf) {
      problems.push(`${name} is not a setting`);
      continue;
    }
    if (text === '') continue;
    if (!assign(merged, leaf.path, fromText(text, leaf.schema))) {
      problems.push(`${leaf.path.slice(0, leaf.path.lastIndexOf('.'))} must be a group of settings`);
    }
    sources.set(leaf.path, name);
  }
  const result = configSchema.safeParse(merged);
  if (!result.success)
    problems.push(...result.error.issues.flatMap((issue) => explain(issue, sources, file)));
  if (problems.length > 0 || !result.success) throw new ConfigError(problems);
  const config = result.data;
  return { config, settings: leaves.map((leaf) => settingOf(leaf, config, sources)), file };
}

/**
 * Settings from a literal, for tests and for callers in code.
 *
 * @throws {ConfigError} As `loadConfig`.
 */
export function configOf(input: ConfigInput): Config {
  const result = configSchema.safeParse(input);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.flatMap((issue) => explain(issue, new Map(), null)));
}

interface Leaf {
  readonly path: string;
  readonly env: string;
  readonly schema: z.ZodType;
  readonly meaning: string;
}

function settingLeaves(): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const walk = (shape: Readonly<Record<string, unknown>>, path: readonly string[]): void => {
    for (const [key, schema] of Object.entries(shape)) {
      const group = schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
      const here = [...path, key];
      if (group instanceof z.ZodObject) walk(group.shape, here);
      else if (schema instanceof z.ZodType) {
        leaves.push({
          path: here.join('.'),
          env: `JINGWEI_${here.map(capitals).join('_')}`,
          schema,
          meaning: schema.description ?? '',
        });
      }
    }
  };
  walk(configSchema.shape, []);
  return leaves;
}

function capitals(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

function settingOf(leaf: Leaf, config: Config, sources: ReadonlyMap<string, string>): Setting {
  const secret = leaf.path === 'adminPassword';
  const value = lookUp(config, leaf.path);
  return {
    path: leaf.path,
    env: leaf.env,
    meaning: leaf.meaning,
    value: secret && value !== undefined ? '(set)' : value,
    from: sources.get(leaf.path) ?? 'default',
    secret,
  };
}

function configFile(env: Readonly<Record<string, string | undefined>>, problems: string[]): string | null {
  const named = env.JINGWEI_CONFIG;
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named;
    problems.push(`JINGWEI_CONFIG names "${named}", which does not exist`);
    return null;
  }
  return existsSync('./jingwei.yaml') ? './jingwei.yaml' : null;
}

function readFile(file: string, problems: string[]): Record<string, unknown> {
  try {
    const read: unknown = parseYaml(readFileSync(file, 'utf8'));
    if (read === null || read === undefined) return {};
    if (typeof read === 'object' && !Array.isArray(read)) return read as Record<string, unknown>;
    problems.push(`${file} must be a mapping of settings`);
  } catch (error) {
    problems.push(`${file} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {};
}

/** Text of the environment as the setting's own type: a number or a switch where the schema takes one, else the text. */
function fromText(text: string, schema: z.ZodType): unknown {
  const candidates: unknown[] = [];
  if (text.trim() !== '' && Number.isFinite(Number(text))) candidates.push(Number(text));
  if (text === 'true' || text === 'false') candidates.push(text === 'true');
  if (schema.safeParse(text).success) return text;
  return candidates.find((value) => schema.safeParse(value).success) ?? candidates[0] ?? text;
}

function lookUp(tree: unknown, path: string): unknown {
  let node: unknown = tree;
  for (const key of path.split('.')) {
    if (typeof node !== 'object' || node === null) return undefined;
    node = (node as Record<string, unknown>)[key];
  }
  return node;
}

function assign(tree: Record<string, unknown>, path: string, value: unknown): boolean {
  const keys = path.split('.');
  const last = keys.pop()!;
  let node = tree;
  for (const key of keys) {
    node[key] ??= {};
    const next = node[key];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return false;
    node = next as Record<string, unknown>;
  }
  node[last] = value;
  return true;
}

function explain(
  issue: z.core.$ZodIssue,
  sources: ReadonlyMap<string, string>,
  file: string | null,
): readonly string[] {
  const path = issue.path.join('.');
  const from = sources.get(path);
  const where = from === undefined ? path : from === file ? `${path} in ${file}` : from;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${path === '' ? key : `${path}.${key}`} is not a setting`);
  }
  return [`${where}: ${issue.message}`];
}
