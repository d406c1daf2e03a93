/** The real server as a child process of a bench: tells its ports, and does over IPC what has no route. */
import { configOf } from '../../services/config.ts';
import { createLog } from '../../services/log.ts';
import { startServer } from '../../services/main.ts';

export type ServerRequest = { readonly ask: 'seal' | 'status' | 'stop' };

const server = await startServer(
  configOf({
    dataDir: process.argv[2]!,
    adminPassword: 'a-password-for-benches-only',
    http: { port: 0 },
    mqtt: { port: 0 },
    rtmp: { enabled: false },
  }),
  { log: createLog('warn', process.stderr), announce: () => undefined },
);
const { loader, services } = server;
process.send!({ ready: { url: server.url, mqtt: server.ports.mqtt } });
process.on('message', async ({ ask }: ServerRequest) => {
  if (ask === 'stop') {
    await server.stop();
    process.exit(0);
  }
  if (ask === 'seal') {
    const began = performance.now();
    const report = await services.store.seal({ all: true }).catch((error: unknown) => String(error));
    process.send!({ sealed: { report, ms: performance.now() - began } });
    return;
  }
  const { pid } = process;
  const store = await services.store.metrics();
  process.send!({ status: { loader: loader.status(), doors: await services.doors.metrics(), store, pid } });
});
