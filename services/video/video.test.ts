import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateStreamKey, isVideoError, startVideo, type Video } from './index.ts';

const keys = { cam1: generateStreamKey(), cam2: generateStreamKey() };
const lines: string[] = [];
const publishers = new Set<ChildProcess>();
let video: Video;
/** Stands for the server's guarded route. */
let front: Server;

beforeAll(async () => {
  if (spawnSync('ffmpeg', ['-version']).error !== undefined)
    throw new Error('ffmpeg is missing: install the Debian package "ffmpeg"');
  video = await startVideo({
    host: '127.0.0.1',
    rtmpPort: 0,
    keys,
    log: (level, message) => lines.push(`${level} ${message}`),
  });
  front = createServer((req, res) => void video.proxyFlv(req, res, (req.url ?? '').slice(1)));
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  for (const child of publishers) child.kill('SIGKILL');
  front?.closeAllConnections();
  front?.close();
  await video?.close();
});

/** Publishes a test picture (`testsrc` or one colour) and a tone until it is killed. */
function publish(stream: string, key: string, picture = 'testsrc=size=160x120:rate=10'): ChildProcess {
  const child = spawn('ffmpeg', [
    ...['-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', picture],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '10', '-pix_fmt', 'yuv420p'],
    ...['-c:a', 'aac', '-b:a', '32k', '-f', 'flv'],
    `rtmp://127.0.0.1:${video.port}/live/${stream}?key=${key}`,
  ]);
  child.stderr.resume();
  publishers.add(child);
  child.once('exit', () => publishers.delete(child));
  return child;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await ended(child);
}

function view(stream: string): Promise<IncomingMessage> {
  const { port } = front.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: `/${stream}`, agent: false }, resolve).once('error', reject);
  });
}

/** The next `count` bytes of an answer; closes it when `last`. */
async function bytesOf(answer: IncomingMessage, count: number, last = true): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  await new Promise<void>((resolve, reject) => {
    const onData = (part: Buffer) => {
      parts.push(part);
      length += part.length;
      if (length < count) return;
      answer.off('data', onData);
      answer.pause();
      resolve();
    };
    answer.on('data', onData);
    answer.once('error', reject);
    answer.once('close', () => reject(new Error(`Stream ended after ${length} bytes`)));
    answer.resume();
  });
  if (last) {
    answer.removeAllListeners();
    answer.on('error', () => undefined);
    answer.destroy();
  }
  return Buffer.concat(parts);
}

async function until(condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Condition did not come true within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function isLive(stream: string): Promise<boolean> {
  return (await video.streams()).some(({ name }) => name === stream);
}

/** One RTMP message in one chunk of chunk stream 3, announced with any length. */
function rtmpMessage(type: number, payload: Buffer, announced: number): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 3;
  header.writeUIntBE(announced, 4, 3);
  header[7] = type;
  return Buffer.concat([header, payload]);
}

/** Shakes hands as an RTMP client does, sends `bytes`, and waits until it is cut off. */
function attack(bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(video.port, '127.0.0.1', () => {
      socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536 * 2), bytes]));
    });
    socket.on('error', () => undefined);
    socket.resume();
    socket.once('close', () => resolve());
  });
}

describe('startVideo', () => {
  it('takes a stream from ffmpeg and hands it to a viewer as FLV', async () => {
    const camera = publish('cam1', keys.cam1);
    await until(() => isLive('cam1'));
    const answer = await view('cam1');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('video/x-flv');
    const flv = await bytesOf(answer, 20_000, false);
    expect(flv.subarray(0, 5)).toEqual(Buffer.from([0x46, 0x4c, 0x56, 1, 5])); // "FLV", version 1, audio and video
    await until(async () =>
      (await video.streams()).some((stream) => stream.viewers === 1 && stream.bitsPerSecond > 0),
    );
    const [stream] = await video.streams();
    expect(stream).toMatchObject({
      name: 'cam1',
      videoCodec: 'h264',
      audioCodec: 'aac',
      width: 160,
      height: 120,
    });
    expect(Math.abs(stream!.since - Date.now())).toBeLessThan(60_000);
    expect(video.health()).toMatchObject({ running: true, restarts: 0, residentBytes: expect.any(Number) });
    // A stream that ends, ends for its viewers.
    const over = new Promise((resolve) => answer.once('end', resolve));
    await stop(camera);
    answer.resume();
    await over;
    expect((await view('cam1')).statusCode).toBe(404);
  });

  it('answers 404 for a stream that is not there, at once', async () => {
    for (const name of ['nothing', '..%2f..', 'a/b', '']) expect((await view(name)).statusCode).toBe(404);
  });

  it('refuses a wrong key, no key, and a stream without key', async () => {
    const before = video.metrics().publishersRefused ?? 0;
    for (const [stream, key] of [
      ['cam2', 'guess'],
      ['cam2', ''],
      ['unknown', keys.cam1],
      ['cam2', keys.cam1],
    ] as const)
      await ended(publish(stream, key));
    await until(() => (video.metrics().publishersRefused ?? 0) === before + 4);
    expect(await video.streams()).toEqual([]);
    // The name is not occupied by those who were refused.
    const camera = publish('cam2', keys.cam2);
    await until(() => isLive('cam2'));
    await stop(camera);
  });

  it.each([
    ['a wrong key', 'guess'],
    ['the right key', keys.cam1],
  ])('keeps the frames of a second publisher with %s out of the stream', async (_case, key) => {
    const camera = publish('cam1', keys.cam1, 'color=black:size=160x120:rate=10');
    await until(() => isLive('cam1'));
    const viewer = await view('cam1');
    const seen: Buffer[] = [];
    viewer.on('data', (part: Buffer) => seen.push(part));
    await until(() => seen.length > 5);
    const intruder = publish('cam1', key, 'color=white:size=320x240:rate=10');
    await ended(intruder);
    const after = seen.length;
    await until(() => seen.length > after + 20);
    viewer.removeAllListeners('data');
    viewer.destroy();
    await stop(camera);
    // Decoded: as large as the camera's picture, and black throughout.
    const picture = spawnSync(
      'ffmpeg',
      ['-loglevel', 'quiet', '-f', 'flv', '-i', '-', '-an', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
      { input: Buffer.concat(seen), maxBuffer: 100_000_000 },
    ).stdout;
    expect(picture.length).toBeGreaterThan(160 * 120 * 10);
    expect(picture.length % (160 * 120)).toBe(0);
    expect(picture.reduce((most, luma) => Math.max(most, luma), 0)).toBeLessThan(40);
    await until(async () => !(await isLive('cam1')));
  });

  it('cuts a publisher whose key is taken away, and lets the new key in', async () => {
    const camera = publish('cam2', keys.cam2);
    await until(() => isLive('cam2'));
    const renewed = generateStreamKey();
    video.setKeys({ ...keys, cam2: renewed });
    await ended(camera);
    const again = publish('cam2', renewed);
    await until(() => isLive('cam2'));
    await stop(again);
    video.setKeys(keys);
  });

  it('survives noise on the RTMP port and is started again after kill -9, on the same port', async () => {
    for (const bytes of [
      Buffer.alloc(200_000, 7),
      Buffer.alloc(5_000, 3),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    ])
      await new Promise<void>((resolve) => {
        const socket = connect(video.port, '127.0.0.1', () => socket.end(bytes));
        socket.on('error', () => undefined);
        socket.resume();
        socket.once('close', () => resolve());
        setTimeout(() => socket.destroy(), 1_000);
      });
    const { port } = video;
    const { pid, restarts } = video.health();
    expect(restarts).toBe(0);
    process.kill(pid!, 'SIGKILL');
    await until(() => !video.health().running);
    expect((await view('cam1')).statusCode).toBe(503);
    await until(() => video.health().running);
    expect(video.health()).toMatchObject({ restarts: 1 });
    expect(video.health().pid).not.toBe(pid);
    expect(video.port).toBe(port);
    const camera = publish('cam1', keys.cam1);
    await until(() => isLive('cam1'));
    await bytesOf(await view('cam1'), 5_000);
    await stop(camera);
  });

  it('lives on when a connection sends what the RTMP parser throws at, or asks for too much memory', async () => {
    const { pid } = video.health();
    const cut = video.metrics().connectionsCut ?? 0;
    // AMF0: "connect", 1, { tcUrl: "nonsense" }; the package makes a URL of it, unasked.
    const hostile = Buffer.from(
      '020007636f6e6e656374003ff0000000000000030005746355726c0200086e6f6e73656e7365000009',
      'hex',
    );
    for (const message of [rtmpMessage(20, hostile, hostile.length), rtmpMessage(9, hostile, 16_000_000)])
      await attack(message);
    await until(() => (video.metrics().connectionsCut ?? 0) === cut + 2);
    expect(video.health().pid).toBe(pid);
  });

  it('plays nothing over RTMP: viewers are known to the server or get nothing', async () => {
    const camera = publish('cam1', keys.cam1);
    await until(() => isLive('cam1'));
    const player = spawn('ffmpeg', [
      ...[
        '-loglevel',
        'quiet',
        '-i',
        `rtmp://127.0.0.1:${video.port}/live/cam1`,
        '-t',
        '1',
        '-f',
        'flv',
        '-',
      ],
    ]);
    let played = 0;
    player.stdout.on('data', (part: Buffer) => {
      played += part.length;
    });
    await ended(player);
    expect(played).toBe(0);
    expect(await isLive('cam1')).toBe(true);
    await stop(camera);
  });

  it('drops a viewer that does not read, and serves the others', async () => {
    // Noise without loss: some megabytes a second, so that all buffers on the way fill soon.
    const camera = spawn('ffmpeg', [
      ...['-loglevel', 'quiet', '-re', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', '320x240', '-r', '30'],
      ...[
        '-i',
        '/dev/urandom',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-qp',
        '0',
        '-g',
        '30',
        '-f',
        'flv',
      ],
      `rtmp://127.0.0.1:${video.port}/live/cam2?key=${keys.cam2}`,
    ]);
    publishers.add(camera);
    await until(() => isLive('cam2'));
    const frozen = await view('cam2');
    frozen.on('error', () => undefined);
    frozen.pause();
    const healthy = await view('cam2');
    let last = 0;
    healthy.on('data', () => {
      last = performance.now();
    });
    await until(() => (video.metrics().viewersDropped ?? 0) > 0, 25_000);
    const dropped = performance.now();
    await until(() => last > dropped);
    expect(video.metrics().viewersDropped).toBe(1);
    expect(video.health().residentBytes).toBeLessThan(300_000_000);
    healthy.destroy();
    await stop(camera);
  });

  it.skipIf(process.platform !== 'linux')(
    'keeps our settings out of its environment (Linux: /proc)',
    async () => {
      process.env.JINGWEI_ADMIN_PASSWORD = 'a secret of this test';
      const other = await startVideo({ host: '127.0.0.1', rtmpPort: 0, keys, log: () => undefined });
      try {
        const environ = readFileSync(`/proc/${other.health().pid}/environ`, 'utf8');
        expect(environ).toContain('PATH=');
        expect(environ).not.toContain('JINGWEI_');
      } finally {
        delete process.env.JINGWEI_ADMIN_PASSWORD;
        await other.close();
      }
    },
  );

  it('reports a taken port and leaves no process behind', async () => {
    const taken = createTcpServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const error = await startVideo({ host: '127.0.0.1', rtmpPort: port, keys, log: () => undefined }).catch(
      (e) => e,
    );
    expect(isVideoError(error, 'port-taken')).toBe(true);
    expect(error.message).toContain(String(port));
    taken.close();
  });
});
