/**
 * `jingwei grid encode` on a million lines, as a whole process: start, reading, coding, writing. Beside it a plain program that parses each
 * line, calls the codec, and prints an object, and `cat`, which only passes the bytes on.
 *
 * Estimate before writing: 80 bytes a line scanned at 200 MB/s, a batch at 5 to 10 M points/s, 130 bytes written: 1.5 s for BeiDou with the
 * start, and what the H3 batch takes on top.
 *
 * Run: node --import tsx bench/grid-cli.bench.ts
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../scripts/testing/seeded-random.ts';

const LINES = 1_000_000;
const ROUNDS = 3;
const SEED = 39_409;
const ROOT = fileURLToPath(new URL('../', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'jingwei-bench-'));
const next = seededRandom(SEED);
/** Six decimals as receivers write them, or all the digits of a double. */
function writePositions(name: string, digits: number | undefined): string {
  const cut = (value: number): number => (digits === undefined ? value : Number(value.toFixed(digits)));
  const rows = Array.from({ length: LINES }, (_, n) =>
    JSON.stringify({
      n,
      lon: cut(103.4 + 2.3 * next()),
      lat: cut(34.1 + 2 * next()),
      height: cut(1500 + 1000 * next()),
    }),
  );
  const file = join(folder, name);
  writeFileSync(file, `${rows.join('\n')}\n`);
  return file;
}
const files = {
  'six decimals': writePositions('six.ndjson', 6),
  'all digits': writePositions('all.ndjson', undefined),
};

const plain = join(folder, 'plain.mts');
writeFileSync(
  plain,
  `import { createInterface } from 'node:readline';
import { beidou2d } from ${JSON.stringify(join(ROOT, 'grid/index.ts'))};
for await (const line of createInterface({ input: process.stdin })) {
  const value = JSON.parse(line);
  const zone = beidou2d.encode(value.lon, value.lat, 10);
  process.stdout.write(JSON.stringify({ ...value, code: beidou2d.format(zone, 10), id: String(zone) }) + '\\n');
}
`,
);

const jingwei = (dggrs: string, level: number): readonly string[] => [
  'npm',
  'run',
  '--silent',
  'jingwei',
  '--',
  'grid',
  'encode',
  '--dggrs',
  dggrs,
  '--level',
  String(level),
];
const runs: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['beidou2d, level 10', jingwei('beidou2d', 10)],
  ['beidou3d, level 10', jingwei('beidou3d', 10)],
  ['h3, level 9', jingwei('h3', 9)],
  ['peer: a plain program, beidou2d, level 10', [process.execPath, '--import', 'tsx', plain]],
  ['reference: cat', ['cat']],
];

/** Seconds from the start of a process to its end, its output taken through a pipe. */
async function time(command: readonly string[], file: string): Promise<number> {
  const input = openSync(file, 'r');
  const start = performance.now();
  const child = spawn(command[0]!, command.slice(1), { cwd: ROOT, stdio: [input, 'pipe', 'ignore'] });
  let lines = 0;
  child.stdout!.on('data', (bytes: Buffer) => {
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  closeSync(input);
  if (code !== 0 || lines !== LINES) throw new Error(`${command.join(' ')}: exit ${code}, ${lines} lines`);
  return (performance.now() - start) / 1000;
}

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'} x ${availableParallelism()}, ` +
    `${LINES} lines, ${ROUNDS} rounds, seed ${SEED}; thousand lines/s of the whole process, median (least .. most)`,
);
for (const [digits, file] of Object.entries(files)) {
  const seconds = new Map<string, number[]>(runs.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, command] of runs) seconds.get(name)!.push(await time(command, file));
  }
  for (const [name, list] of seconds) {
    const [least, median, most] = list.map((each) => LINES / 1000 / each).sort((a, b) => a - b) as [
      number,
      number,
      number,
    ];
    console.log(
      `${`${name}, ${digits}`.padEnd(58)} ${median.toFixed(0).padStart(6)} (${least.toFixed(0)} .. ${most.toFixed(0)})`,
    );
  }
}
rmSync(folder, { recursive: true, force: true });
