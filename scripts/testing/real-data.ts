/**
 * Open data through the real doors of a real server, held against a script that imports nothing of the project. Shared by
 * the end-to-end test (a part) and the long run (everything).
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { AccountsAnswer, TotalsAnswer } from '../../viz/schema/index.ts';
import type { ServerProcess } from './server-process.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
export const SHARED_DATA = new URL('../../../shared/data/', import.meta.url).pathname;

export interface RealDataset {
  /** Name of the declaration and of the independent script. */
  readonly name: string;
  readonly command: 'ingest' | 'replay';
  readonly files: readonly string[];
  readonly declaration: string;
}

function inFolder(folder: string, pattern: RegExp): string[] {
  return readdirSync(SHARED_DATA + folder)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => `${SHARED_DATA}${folder}/${name}`);
}

/** The six data sets; `stations` picks the Beijing files (each 35,064 hourly rows). */
export function realDatasets(stations: RegExp): RealDataset[] {
  const set = (name: string, command: RealDataset['command'], files: readonly string[]): RealDataset => ({
    name,
    command,
    files,
    declaration: `examples/open-data/${name}.yaml`,
  });
  return [
    set('gtfs-caltrain', 'ingest', inFolder('gtfs-caltrain', /vehicle-positions\.pb$/)),
    set(
      'video-frigate',
      'ingest',
      inFolder('video-frigate', /^(mqtt_01.*|hass.*|frigate_repo_events.*)\.json$/),
    ),
    set('video-ottrk', 'ingest', inFolder('video-ottrk', /\.ottrk$/)),
    set('gov-311-nyc', 'ingest', inFolder('gov-311-nyc', /\.csv\.gz$/)),
    set('gov-greater-manchester', 'ingest', inFolder('gov-greater-manchester', /\.(csv|geojson|csv\.gz)$/)),
    set('airquality-beijing', 'replay', inFolder('airquality-beijing', stations)),
  ];
}

type Row = TotalsAnswer['rows'][number];
type IndependentRow = Row & {
  readonly dataset: string;
  readonly dggrs: 'h3' | 'beidou2d';
  readonly level: number;
};
type IndependentAccount = Pick<AccountsAnswer['accounts'][number], 'dataset' | 'records' | 'readings'>;

export interface Comparison {
  readonly dataset: string;
  readonly rows: number;
  /** The first few differences, in words. Empty: equal. */
  readonly differences: readonly string[];
}

/** Sends one data set in and compares totals per zone, hour and category, and the accounts. */
export async function sendAndCompare(server: ServerProcess, set: RealDataset): Promise<Comparison[]> {
  await runCli(server, [set.command, ...set.files, '--declaration', set.declaration]);
  const { rows, accounts } = await independentTotals(set);
  const comparisons: Comparison[] = [];
  for (const account of accounts) {
    const wanted = rows.filter((row) => row.dataset === account.dataset);
    const differences = await accountDifferences(server, account);
    for (const [dggrs, level] of new Map(wanted.map((row) => [row.dggrs, row.level]))) {
      const ours = await totalsOf(server, account.dataset, dggrs, level);
      differences.push(
        ...rowDifferences(
          ours,
          wanted.filter((row) => row.dggrs === dggrs),
        ),
      );
    }
    comparisons.push({ dataset: account.dataset, rows: wanted.length, differences: differences.slice(0, 5) });
  }
  return comparisons;
}

async function runCli(server: ServerProcess, args: readonly string[]): Promise<void> {
  const mqtt = args[0] === 'replay' ? ['--mqtt', server.mqttUrl] : [];
  const { code, out, err } = await run([
    '--import',
    'tsx',
    'services/cli/main.ts',
    ...args,
    ...mqtt,
    '--url',
    server.url,
    `--token=${server.token}`,
  ]);
  if (code !== 0) throw new Error(`jingwei ${args[0]} ended with ${code}: ${err}\n${out}`);
}

async function independentTotals(
  set: RealDataset,
): Promise<{ rows: IndependentRow[]; accounts: IndependentAccount[] }> {
  const { code, out, err } = await run(['scripts/independent-totals/totals.mjs', set.name, ...set.files]);
  if (code !== 0) throw new Error(`The independent script ended with ${code}: ${err}`);
  const rows: IndependentRow[] = [];
  const accounts: IndependentAccount[] = [];
  for (const line of out.split('\n')) {
    if (line === '') continue;
    const value = JSON.parse(line) as IndependentRow | { account: IndependentAccount };
    if ('account' in value) accounts.push(value.account);
    else rows.push(value);
  }
  return { rows, accounts };
}

function run(args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((settle) => {
    const child = spawn(process.execPath, [...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    let err = '';
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
    child.on('exit', (code) => settle({ code, out: Buffer.concat(out).toString(), err }));
  });
}

/** Totals in spans of a quarter of a year, so that no answer is too large. */
async function totalsOf(
  server: ServerProcess,
  dataset: string,
  dggrs: string,
  level: number,
): Promise<Row[]> {
  const { code, out, err } = await run([
    '--import',
    'tsx',
    'services/cli/main.ts',
    'query',
    'totals',
    '--format',
    'ndjson',
    '--dataset',
    dataset,
    '--dggrs',
    dggrs,
    '--level',
    String(level),
    '--bucket',
    'PT1H',
    '--url',
    server.url,
    `--token=${server.token}`,
  ]);
  if (code !== 0) throw new Error(`query totals of ${dataset} ended with ${code}: ${err}`);
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

async function accountDifferences(server: ServerProcess, wanted: IndependentAccount): Promise<string[]> {
  const { accounts } = await server.json<AccountsAnswer>('/api/v1/accounts');
  const ours = accounts.filter((account) => account.dataset === wanted.dataset);
  const differences: string[] = [];
  for (const level of ['records', 'readings'] as const) {
    for (const key of ['in', 'stored', 'refused', 'held', 'duplicates'] as const) {
      const sum = ours.reduce((total, account) => total + account[level][key], 0);
      if (sum !== wanted[level][key])
        differences.push(`${level} ${key}: ${sum} here, ${wanted[level][key]} counted apart`);
    }
  }
  return differences;
}

/** Counts, min and max must be equal; sums within 1e-12 of the sum of magnitudes. */
export function rowDifferences(ours: readonly Row[], theirs: readonly Row[]): string[] {
  const key = (row: Row) => `${row.id} ${row.bucket} ${row.category}`;
  const held = new Map(ours.map((row) => [key(row), row]));
  const differences: string[] = [];
  for (const row of theirs) {
    const own = held.get(key(row));
    held.delete(key(row));
    if (own === undefined) differences.push(`${key(row)} is missing`);
    else if (!sameRow(own, row))
      differences.push(`${key(row)}: ${JSON.stringify(own)} here, ${JSON.stringify(row)} apart`);
  }
  for (const left of held.keys()) differences.push(`${left} is too much`);
  return differences;
}

function sameRow(a: Row, b: Row): boolean {
  if (a.count !== b.count || (a.min ?? null) !== (b.min ?? null) || (a.max ?? null) !== (b.max ?? null))
    return false;
  if (a.sum === null || a.sum === undefined || b.sum === null || b.sum === undefined)
    return (a.sum ?? null) === (b.sum ?? null);
  const magnitude = Math.max(Math.abs(a.min ?? 0), Math.abs(a.max ?? 0)) * a.count;
  return Math.abs(a.sum - b.sum) <= 1e-12 * magnitude + Number.MIN_VALUE;
}
