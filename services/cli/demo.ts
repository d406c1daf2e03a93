/** `demo`: the server and a simulated city. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from './command.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/demo.mjs', import.meta.url));

export const demo: Command = {
  name: 'demo',
  summary: 'Run the server with a simulated city',
  help: `Usage: jingwei demo

Builds the dashboards where needed, starts the server on the configured ports and a simulated
city that speaks through the same doors as real devices, and prints a link to the wall.
The same as "npm run demo".`,
  options: {},
  run() {
    const child = spawn(process.execPath, [SCRIPT], { stdio: 'inherit' });
    // The terminal sends Ctrl-C to the whole group, a supervisor its signal to this process alone: hand that on.
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    process.on('SIGINT', () => undefined);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  },
};
