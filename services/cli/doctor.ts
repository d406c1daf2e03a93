/** `doctor`: every setting, its value and where it came from; and whether this machine has what is needed. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCity } from '../city/city.ts';
import { type Config, ConfigError, type LoadedConfig, loadConfig } from '../config.ts';
import { CLIENT_HELP, CLIENT_OPTIONS } from './client.ts';
import { type Command, print, say } from './command.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
}

const NODE_MIN = [20, 19] as const;
const GIB = 1024 ** 3;

export const doctor: Command = {
  name: 'doctor',
  summary: 'Explain every setting and check this machine',
  help: `Usage: jingwei doctor [--json]
       jingwei doctor --deep [--json]

Shows each setting with its value, where the value came from and what it means, then checks
Node, the data folder, the ports and the built dashboards. Exit code 1 when a check fails.
A port that the running server itself holds is reported as in use and is not a failure.
  --deep            Read everything that is kept instead, and check it against each other: journal (every
                    entry), sealed parts (hashes, rows, order, spans), state snapshot, index (rows
                    beside accounts) and rollups (samples beside their rows). Each finding says where,
                    what it means and how to mend it. Beside a running server too, which is asked for
                    what it has open. Changes nothing. Exit code 1 when there is an error
${CLIENT_HELP}`,
  options: { ...CLIENT_OPTIONS, json: { type: 'boolean' }, deep: { type: 'boolean' } },
  async run(invocation) {
    const { options } = invocation;
    let loaded: LoadedConfig;
    try {
      loaded = loadConfig();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      if (options.json === true) print(JSON.stringify({ problems: error.problems }));
      else for (const problem of error.problems) say(`wrong setting: ${problem}`);
      return 1;
    }
    if (options.deep === true) {
      // Loaded here: the plain check starts without the database.
      const { deep } = await import('./doctor-deep.ts');
      return deep(invocation, loaded.config);
    }
    const checks = await checkMachine(loaded.config);
    if (options.json === true)
      print(JSON.stringify({ file: loaded.file, settings: loaded.settings, checks }));
    else show(loaded, checks);
    return checks.every((check) => check.ok) ? 0 : 1;
  },
};

function show(loaded: LoadedConfig, checks: readonly Check[]): void {
  print(
    loaded.file === null ? 'No settings file; defaults and JINGWEI_* hold' : `Settings file: ${loaded.file}`,
  );
  print('');
  for (const { path, env, meaning, value, from } of loaded.settings) {
    print(`${path} = ${value === undefined ? '(not set)' : JSON.stringify(value)}   [${from}]`);
    print(`    ${meaning}`);
    print(`    ${env}`);
  }
  print('');
  for (const check of checks) print(`${check.ok ? 'ok  ' : 'FAIL'}  ${check.name}: ${check.found}`);
}

async function checkMachine(config: Config): Promise<readonly Check[]> {
  const ports = [
    ['HTTP port', config.http.host, config.http.port],
    ['MQTT port', config.mqtt.host, config.mqtt.port],
    ['RTMP port', config.rtmp.host, config.rtmp.port],
  ] as const;
  return [
    checkNode(),
    checkDataDir(config.dataDir),
    checkCity(config.city),
    checkDashboards(),
    ...(await Promise.all(ports.map(([name, host, port]) => checkPort(name, host, port)))),
  ];
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return { name: 'Node', ok, found: `${process.versions.node}, ${NODE_MIN.join('.')} or newer is wanted` };
}

function checkDataDir(dataDir: string): Check {
  let folder = resolve(dataDir);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return {
      name: 'Data folder',
      ok: true,
      found: `${resolve(dataDir)}, ${((bavail * bsize) / GIB).toFixed(1)} GiB free`,
    };
  } catch {
    return { name: 'Data folder', ok: false, found: `${folder} cannot be written to` };
  }
}

function checkCity(path: string | undefined): Check {
  try {
    const city = loadCity(path);
    return {
      name: 'City',
      ok: true,
      found: `${city.name.en} (${city.name.zh})${city.schematic ? ', schematic outlines' : ''}`,
    };
  } catch (error) {
    return { name: 'City', ok: false, found: error instanceof Error ? error.message : String(error) };
  }
}

function checkDashboards(): Check {
  const page = fileURLToPath(new URL('../../dist/viz/index.html', import.meta.url));
  const built = existsSync(page);
  // The server runs without them and says so on its page.
  return { name: 'Dashboards', ok: true, found: built ? 'built' : 'not built yet: npm run build:viz' };
}

function checkPort(name: string, host: string, port: number): Promise<Check> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = error.code === 'EADDRINUSE';
      const found = `${host}:${port} ${inUse ? 'is in use (the server itself, when it runs)' : error.message}`;
      answer({ name, ok: inUse, found });
    });
    server.listen(port, host, () =>
      server.close(() => answer({ name, ok: true, found: `${host}:${port} is free` })),
    );
  });
}
