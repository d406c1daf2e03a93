/** Opens and closes the HTTP server. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Config } from '../config.ts';

/** Time for a client to send its request line and headers: a slow one must not hold a connection. ms. */
const HEADERS_TIMEOUT_MS = 20_000;
/** Time for a whole request: a delivery of gigabytes over a slow line is still one. All others: `body-deadline.ts`. ms. */
const REQUEST_TIMEOUT_MS = 4 * 3_600_000;
/** Longer than the pace at which screens ask, so that they keep their connection. ms. */
const KEEP_ALIVE_MS = 65_000;
/** While stopping, how long answers under way may take; a video viewer would never end. ms. */
const END_MS = 1500;

/** Makes the server, not yet listening. */
export function createHttpServer(config: Config, listener: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    listener,
  );
  server.maxConnections = config.http.maxConnections;
  return server;
}

/** Resolves with the port once it listens. @throws The system's error, e.g. `EADDRINUSE`. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Takes no more requests, lets answers under way end for a while, then cuts what is left. */
export async function closeHttpServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), END_MS);
  await closed;
  clearTimeout(timer);
}
