import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

const DEADLINES = { strangerMs: 200, wholeMs: 2000, idleMs: 1000 };
let server: TestServer;
let token: string;
beforeAll(async () => {
  const deliver = async () => ({ delivery: 'd', rows: 1, outcome: 'accepted' }) as never;
  server = await startTestServer({ deadlines: DEADLINES, doors: { deliver } });
  token = await server.tokenOf('admin');
});
afterAll(() => server.close());

/** Sends a head that announces 10 bytes, then one piece every 250 ms; gives what came back and after how long the end came. */
function send(head: string, pieces: readonly string[] = []): Promise<{ text: string; ms: number }> {
  return new Promise((resolve) => {
    const began = performance.now();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes;
    });
    socket.on('error', () => undefined);
    socket.write(`${head}\r\nHost: x\r\nContent-Length: 10\r\n\r\n`);
    const timers = pieces.map((piece, i) => setTimeout(() => socket.write(piece), 250 * (i + 1)));
    socket.on('close', () => {
      timers.forEach(clearTimeout);
      resolve({ text, ms: performance.now() - began });
    });
  });
}

const bearer = () => `\r\nAuthorization: Bearer ${token}`;
const json = '\r\nContent-Type: application/json';

describe.concurrent('startBodyClock', () => {
  it('gives a stranger a short time, also where bytes trickle', async () => {
    const { text, ms } = await send(`POST /api/v1/login HTTP/1.1${json}`, '{"user":'.split(''));
    expect(text).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"body-too-slow"/);
    expect(ms).toBeGreaterThan(DEADLINES.strangerMs - 20);
    expect(ms).toBeLessThan(DEADLINES.wholeMs);
  });

  it('ends the connection where the answer did not wait for the body', async () => {
    for (const path of ['/healthz', '/nothing-here']) {
      const { text, ms } = await send(`GET ${path} HTTP/1.1`);
      expect(text).toMatch(/^HTTP\/1\.1 (200|404|503) /);
      expect(ms).toBeLessThan(DEADLINES.wholeMs);
    }
    expect((await send(`POST /api/v1/tokens HTTP/1.1${json}`)).text).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('gives somebody known longer for a body that is read whole', async () => {
    const { text, ms } = await send(`POST /api/v1/tokens HTTP/1.1${json}${bearer()}`, ['{']);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(ms).toBeGreaterThan(DEADLINES.wholeMs - 20);
  });

  it('lets a file take as long as it likes while bytes come, and cuts it at a standstill', async () => {
    const head = `POST /api/v1/deliveries/schools HTTP/1.1${bearer()}\r\nConnection: close`;
    const whole = await send(head, [...'0123456789']);
    expect(whole.text).toMatch(/^HTTP\/1\.1 200 /);
    expect(whole.ms).toBeGreaterThan(DEADLINES.wholeMs);
    const half = await send(head, ['0', '1']);
    expect(half.text).toMatch(/^HTTP\/1\.1 408 /);
    expect(half.ms).toBeGreaterThan(DEADLINES.idleMs);
  });
});
