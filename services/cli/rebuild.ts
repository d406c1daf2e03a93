/** `rebuild`: throws the index away and makes it again from the journal, while no server runs. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { configOf, loadConfig } from '../config.ts';
import { dataFolder } from '../data-folder.ts';
import { createLog } from '../log.ts';
import { type Command, CommandError, print, say } from './command.ts';

const PROGRESS_EVERY_MS = 2000;

export const rebuild: Command = {
  name: 'rebuild',
  summary: 'Make the index again from the journal; the server must not run',
  help: `Usage: jingwei rebuild [--later]

Deletes the index file and loads the whole journal again, with progress on standard error. The
journal and the state store are not touched. With --later it only deletes: the next start loads.`,
  options: { later: { type: 'boolean' } },
  async run({ options }) {
    const { config } = loadConfig();
    const folder = dataFolder(config.dataDir);
    await refuseWhileRunning(folder.index);
    rmSync(dirname(folder.index), { recursive: true, force: true });
    say('The index is deleted');
    if (options.later === true) return 0;
    // Free ports on loopback: nobody is to find this server while it works.
    const quiet = configOf({
      ...config,
      http: { ...config.http, host: '127.0.0.1', port: 0 },
      mqtt: { ...config.mqtt, host: '127.0.0.1', port: 0 },
      rtmp: { ...config.rtmp, enabled: false },
    });
    const { startServer } = await import('../main.ts');
    const server = await startServer(quiet, { log: createLog('warn', process.stderr) });
    const { head } = await server.services.doors.metrics();
    const timer = setInterval(() => {
      const { position, entriesPerS, etaMs } = server.loader.status();
      const left = etaMs === null ? '' : `, ${Math.ceil(etaMs / 1000)} s left`;
      say(`${position} of ${head} entries, ${Math.round(entriesPerS)} a second${left}`);
    }, PROGRESS_EVERY_MS);
    try {
      while (!(await server.loader.reached(head, PROGRESS_EVERY_MS))) {
        const { fault } = server.loader.status();
        if (fault !== null) throw new CommandError(`Cannot rebuild: ${fault}`);
      }
    } finally {
      clearInterval(timer);
      await server.stop();
    }
    print(JSON.stringify({ entries: head, position: head }));
    return 0;
  },
};

/** DuckDB locks its file: whoever can open it is alone. */
async function refuseWhileRunning(path: string): Promise<void> {
  const { openStore, isStoreError } = await import('../../analytics/index.ts');
  try {
    const store = await openStore({ path, rollupIntervalMs: 0 });
    await store.close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (isStoreError(error, 'schema-too-new')) return;
    throw new CommandError(`Cannot rebuild: the index cannot be opened; is the server running? (${reason})`);
  }
}
