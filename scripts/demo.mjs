/**
 * `npm run demo`: installs what is missing, builds the screens, starts the server on embedded defaults and the simulated
 * city beside it, and prints a link that signs in a read-only wall seat. Ctrl-C stops both.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { withoutSecrets } from './child-env.mjs';
import { checkNode, ensureNodeModules, fail, ROOT, run, say } from './setup.mjs';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 12_000;

checkNode();
ensureNodeModules();
buildScreens();

// DuckDB's calls and the journal's syncs share Node's thread pool, whose size is fixed before Node starts: the default of 4 is
// too few for both.
const env = {
  UV_THREADPOOL_SIZE: '16',
  MALLOC_ARENA_MAX: '2',
  ...process.env,
  JINGWEI_DATA_DIR: resolve(process.env.JINGWEI_DATA_DIR ?? join(ROOT, 'data')),
};
const httpPort = env.JINGWEI_HTTP_PORT ?? '8080';
const host = env.JINGWEI_HTTP_HOST ?? '127.0.0.1';
const url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${httpPort}`;
const server = start('server', ['services/cli/main.ts', 'serve'], env);
let city;
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(0));
server.on('exit', (code) => {
  if (!stopping) say(`jingwei: the server ended with code ${code}`);
  stop(code ?? 1);
});

await untilReady();
const token = readFileSync(join(env.JINGWEI_DATA_DIR, 'secrets', 'cli-token'), 'utf8').trim();
const seat = await wallSeat(token);
startCity();
say('');
say(`  Overview, signed in as a read-only wall seat:  ${url}/seat/${seat}`);
say(
  `  MQTT ${env.JINGWEI_MQTT_PORT ?? 1883}, HTTP ${httpPort}, RTMP ${env.JINGWEI_RTMP_PORT ?? 1935}; data in ${env.JINGWEI_DATA_DIR}`,
);
say('  Simulated city of Dingxi (DEMO). Stop with Ctrl-C.');
say('');

/** Rebuilds the screens when their sources differ from the last build. */
function buildScreens() {
  const sources = ['viz', 'grid', 'ingest/model', 'package-lock.json', 'vite.config.ts'];
  const hash = createHash('sha256');
  for (const source of sources)
    for (const file of filesBelow(join(ROOT, source)))
      hash.update(file.slice(ROOT.length)).update(readFileSync(file));
  const now = hash.digest('hex');
  const stamp = join(ROOT, 'dist', '.sources');
  if (
    existsSync(join(ROOT, 'dist', 'viz', 'index.html')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === now
  )
    return;
  say('jingwei: building the screens ...');
  run('npx', ['vite', 'build', '--logLevel', 'warn']);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
}

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

function start(name, args, environment) {
  // Small young generations: three isolates and their threads hold 75 MB less at ten times the rate, at no cost we could measure.
  const child = spawn(process.execPath, ['--max-semi-space-size=4', '--import', 'tsx', ...args], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  child.on('error', (error) => fail(`Cannot start the ${name}: ${error.message}`));
  return child;
}

function startCity() {
  const args = [
    'examples/demo-city/main.ts',
    '--url',
    url,
    '--mqtt',
    `mqtt://127.0.0.1:${env.JINGWEI_MQTT_PORT ?? 1883}`,
  ];
  args.push(
    '--rtmp',
    `rtmp://127.0.0.1:${env.JINGWEI_RTMP_PORT ?? 1935}`,
    '--inbox',
    join(env.JINGWEI_DATA_DIR, 'inbox'),
  );
  args.push(
    '--token-file',
    join(env.JINGWEI_DATA_DIR, 'secrets', 'cli-token'),
    '--state',
    join(env.JINGWEI_DATA_DIR, 'demo-city'),
  );
  args.push('--rate', env.JINGWEI_DEMO_RATE ?? '1', '--seed', env.JINGWEI_DEMO_SEED ?? '621100');
  city = start('simulated city', args, withoutSecrets(env));
  city.on('exit', (code) => {
    if (!stopping) say(`jingwei: the simulated city ended with code ${code}; the server goes on`);
  });
}

async function untilReady() {
  const until = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < until) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((wake) => setTimeout(wake, 150));
  }
  say(`jingwei: the server was not ready within ${READY_TIMEOUT_MS / 1000} s; see its log above`);
  stop(1);
}

/** The wall's link outlives restarts: its token is kept beside the local command line's. */
async function wallSeat(bearer) {
  const file = join(env.JINGWEI_DATA_DIR, 'secrets', 'demo-wall-seat');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const answer = await fetch(`${url}/api/v1/seats`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ label: 'demo wall' }),
  });
  if (!answer.ok) fail(`Cannot create the wall seat: ${answer.status} ${await answer.text()}`);
  const { token } = await answer.json();
  writeFileSync(file, token, { mode: 0o600 });
  return token;
}

function stop(code) {
  if (stopping) return;
  stopping = true;
  city?.kill('SIGTERM');
  server.kill('SIGTERM');
  const force = setTimeout(() => {
    city?.kill('SIGKILL');
    server.kill('SIGKILL');
  }, STOP_TIMEOUT_MS);
  const running = [server, city].filter(
    (child) => child !== undefined && child.exitCode === null && child.signalCode === null,
  );
  Promise.all(running.map((child) => new Promise((done) => child.once('exit', done)))).then(() => {
    clearTimeout(force);
    process.exit(code);
  });
}
