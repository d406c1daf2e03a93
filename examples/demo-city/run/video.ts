/** One live stream for the video wall: ffmpeg's test picture with a tone, pushed over RTMP like any encoder would. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Api } from './api.ts';
import { pause, reason, say } from './say.ts';

export const STREAM = 'demo-anding';
const RETRY_MS = 5000;

/** Keeps the stream up until the signal; says once why there is none. */
export async function runVideo(api: Api, rtmp: string, signal: AbortSignal): Promise<void> {
  let told = '';
  const tell = (line: string) => {
    if (line !== told) say(line);
    told = line;
  };
  while (!signal.aborted) {
    try {
      const key = await api.streamKey(STREAM);
      if (key === undefined) {
        say('no video: this server gives no stream keys (POST /api/v1/video/keys)');
        return;
      }
      tell(`publishing the test stream "${STREAM}" with ffmpeg`);
      const ended = await publish(`${rtmp}/live/${STREAM}?key=${encodeURIComponent(key)}`, signal);
      if (ended === 'missing') {
        say('no video: ffmpeg is not installed (Debian: apt install ffmpeg); everything else runs');
        return;
      }
      if (!signal.aborted)
        tell(`the test stream ended, trying again every 5 s: ${ended.replaceAll(key, '***')}`);
    } catch (error) {
      tell(`no video for now: ${reason(error)}`);
    }
    await pause(RETRY_MS, signal);
  }
}

/** Runs ffmpeg until it ends. Resolves with its last words, or `missing` when there is no such program. */
function publish(target: string, signal: AbortSignal): Promise<string> {
  return new Promise((done) => {
    const child: ChildProcess = spawn('ffmpeg', [...SOURCE, ...ENCODING, '-f', 'flv', target], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      words = `${words}${chunk.toString('utf8')}`.slice(-400);
    });
    const stop = () => child.kill('SIGKILL');
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    child.on('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', stop);
      done(error.code === 'ENOENT' ? 'missing' : error.message);
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      done(words.trim().replaceAll('\n', ' ') || `exit code ${code}`);
    });
  });
}

const SOURCE = [
  ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
  ...['-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=15'],
  ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'],
];
/** A key frame every 2 s lets a viewer start soon; one thread and `ultrafast` spare the processor. */
const ENCODING = [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1'],
  ...['-pix_fmt', 'yuv420p', '-g', '30', '-b:v', '350k', '-maxrate', '400k', '-bufsize', '800k'],
  ...['-c:a', 'aac', '-b:a', '32k', '-ac', '1'],
];
