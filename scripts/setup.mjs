/**
 * Brings a fresh machine to the point where the house can be built, run and tested. Plain JavaScript on node built-ins
 * only: it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MIN_NODE = [20, 19];

/** What the tests drive besides node: each with the Debian package that brings it and a check that it is there. */
const TEST_TOOLS = [
  { name: 'chromium', package: 'chromium', present: () => onPath('chromium') },
  { name: 'ffmpeg', package: 'ffmpeg', present: () => onPath('ffmpeg') },
  { name: 'mosquitto clients', package: 'mosquitto-clients', present: () => onPath('mosquitto_pub') },
  {
    name: 'mosquitto broker',
    package: 'mosquitto',
    present: () => onPath('mosquitto') || existsSync('/usr/sbin/mosquitto'),
  },
  { name: 'a Chinese font', package: 'fonts-noto-cjk', present: hasChineseFont },
  { name: 'unshare', package: 'util-linux', present: () => onPath('unshare') },
  { name: 'ip', package: 'iproute2', present: () => onPath('ip') || existsSync('/usr/sbin/ip') },
];

export function say(line) {
  process.stderr.write(`${line}\n`);
}

export function onPath(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

function hasChineseFont() {
  const list = spawnSync('fc-list', [':lang=zh', 'family'], { encoding: 'utf8' });
  return list.status === 0 && list.stdout.trim() !== '';
}

/** Runs a command in the repository, output shown; exits the process with a named reason when it fails. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (done.error) fail(`Cannot start "${command}": ${done.error.message}`);
  if (done.status !== 0)
    fail(`"${command} ${args.join(' ')}" ended with code ${done.status ?? done.signal}`, done.status ?? 1);
}

export function fail(message, code = 1) {
  say(`jingwei: ${message}`);
  process.exit(code);
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
    fail(
      `Node ${process.versions.node} is too old: ${MIN_NODE.join('.')} or later is wanted (20 and 24 are tested)`,
    );
  }
}

/** `npm ci` when the lock file differs from the one that was installed last. */
export function ensureNodeModules() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const stamp = join(ROOT, 'node_modules', '.cache', 'jingwei-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('jingwei: installing packages (npm ci) ...');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

/** Installs the missing tools with apt where we are root on Debian, else names the packages and fails. */
export function ensureTestTools() {
  const missing = TEST_TOOLS.filter((tool) => !tool.present());
  if (missing.length === 0) return;
  const packages = missing.map((tool) => tool.package);
  const canInstall = process.getuid?.() === 0 && onPath('apt-get');
  if (!canInstall) {
    fail(
      `The tests need ${missing.map((tool) => tool.name).join(', ')}: install ${packages.join(' ')} (apt-get install ${packages.join(' ')})`,
    );
  }
  say(`jingwei: installing ${packages.join(', ')} ...`);
  const apt = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  run('apt-get', ['-qq', 'update'], apt);
  run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...packages], apt);
  const still = TEST_TOOLS.filter((tool) => !tool.present());
  if (still.length > 0)
    fail(`Still missing after the installation: ${still.map((tool) => tool.name).join(', ')}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  checkNode();
  ensureNodeModules();
  if (process.argv.includes('--tests')) ensureTestTools();
}
