import { spawn } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Api } from './api.ts';
import { runVideo, STREAM } from './video.ts';

const PATH = process.env.PATH;
let lines: string[] = [];

/** The part of the interface that video needs, answering with that key. */
function api(key: string | undefined): Api {
  const unused = () => Promise.reject(new Error('not used here'));
  return {
    hasDataset: unused,
    declare: unused,
    makeDevices: unused,
    streamKey: () => Promise.resolve(key),
  };
}

function listen(): void {
  lines = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
}

afterEach(() => {
  vi.restoreAllMocks();
  process.env.PATH = PATH;
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

describe('runVideo', () => {
  it('says why there is no video: no route for keys, or no ffmpeg', async () => {
    listen();
    await runVideo(api(undefined), 'rtmp://127.0.0.1:9', new AbortController().signal);
    expect(lines.join('')).toContain('no stream keys');
    process.env.PATH = '/nonexistent';
    await runVideo(api('secret'), 'rtmp://127.0.0.1:9', new AbortController().signal);
    expect(lines.join('')).toContain('ffmpeg is not installed');
  });

  it('publishes H.264 and AAC to an RTMP listener, and never writes the key to the console', async () => {
    const port = await freePort();
    const target = `rtmp://127.0.0.1:${port}/live/${STREAM}`;
    const watcher = spawn(
      'ffmpeg',
      ['-hide_banner', '-nostdin', '-listen', '1', '-i', target, '-t', '1', '-f', 'null', '-'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let seen = '';
    watcher.stderr.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    const ended = new Promise((done) => watcher.on('close', done));
    listen();
    const controller = new AbortController();
    const running = runVideo(api('s3cret'), `rtmp://127.0.0.1:${port}`, controller.signal);
    await ended;
    controller.abort();
    await running;
    expect(seen).toContain('Video: h264');
    expect(seen).toContain('640x360');
    expect(seen).toContain('Audio: aac');
    expect(lines.join('')).toContain(`publishing the test stream "${STREAM}"`);
    expect(lines.join('')).not.toContain('s3cret');
  });
});
