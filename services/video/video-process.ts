import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ChildFigures, FromChild, StreamFacts, ToChild } from './messages.ts';
import { VideoError } from './video-error.ts';

/** First and longest wait before a fallen process is started again, ms; doubled each time it falls again soon. */
const FIRST_RESTART_MS = 250;
const MAX_RESTART_MS = 30_000;
/** A process that ran this long is taken as sound again, ms. */
const SOUND_MS = 30_000;
/** Longest wait for the process to listen, ms. */
const START_TIMEOUT_MS = 30_000;
/** A process that reports nothing for this long hangs and is killed, ms. */
const SILENCE_MS = 15_000;
/** Longest wait for it to end by itself, ms. */
const STOP_WAIT_MS = 3_000;

export type VideoLog = (level: 'info' | 'warn' | 'error', message: string) => void;

export interface VideoProcessOptions {
  readonly rtmpHost: string;
  readonly rtmpPort: number;
  readonly log: VideoLog;
  keyHashes(): Readonly<Record<string, string>>;
}

interface Running {
  readonly child: ChildProcess;
  readonly httpPort: number;
  readonly rtmpPort: number;
  readonly secret: string;
  readonly startedAt: number;
}

/** Keeps one video process alive: starts it, watches it, starts it again when it falls, ends it. */
export class VideoProcess {
  readonly #options: VideoProcessOptions;
  #running: Running | undefined;
  /** Once found, the RTMP port stays: publishers must find it again. */
  #rtmpPort: number;
  #streams: readonly StreamFacts[] = [];
  #figures: ChildFigures | undefined;
  #restarts = 0;
  #delay = FIRST_RESTART_MS;
  #restartTimer: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #stopping = false;
  #child: ChildProcess | undefined;

  constructor(options: VideoProcessOptions) {
    this.#options = options;
    this.#rtmpPort = options.rtmpPort;
  }

  get rtmpPort(): number {
    return this.#rtmpPort;
  }

  /** Where viewers are served, while the process runs. */
  get viewerDoor(): { readonly port: number; readonly secret: string } | undefined {
    const running = this.#running;
    return running && { port: running.httpPort, secret: running.secret };
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  get streams(): readonly StreamFacts[] {
    return this.#streams;
  }

  get figures(): ChildFigures | undefined {
    return this.#figures;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** First start. @throws {VideoError} `port-taken`, `not-startable`. */
  async start(): Promise<void> {
    await this.#spawn();
  }

  sendKeys(keyHashes: Readonly<Record<string, string>>): void {
    if (this.#running !== undefined) this.#send(this.#running.child, { kind: 'keys', keyHashes });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restartTimer);
    clearTimeout(this.#silence);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#send(child, { kind: 'stop' });
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_WAIT_MS);
    await ended;
    clearTimeout(late);
  }

  #send(child: ChildProcess, message: ToChild): void {
    // The channel may close between the look and the call; the exit handler deals with that.
    if (child.connected) child.send(message, () => undefined);
  }

  async #spawn(): Promise<void> {
    const secret = randomBytes(32).toString('base64url');
    const child = fork(fileURLToPath(new URL('./video-child.ts', import.meta.url)), {
      execArgv: ['--import', tsxLoader()],
      // All that it needs of our settings comes by message, and it speaks with strangers: no secret of ours goes there.
      env: withoutSettings(process.env),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.stderr?.on('data', (text: Buffer) => this.#options.log('warn', String(text).slice(0, 500).trim()));
    child.on('error', (error) => this.#options.log('error', error.message));
    const ports = await this.#listening(child, secret);
    this.#rtmpPort = ports.rtmpPort;
    this.#running = { child, secret, ...ports, startedAt: performance.now() };
    // They may have changed while it started.
    this.sendKeys(this.#options.keyHashes());
    this.#watchSilence(child);
    child.on('message', (message: FromChild) => this.#onMessage(message, child));
    child.once('exit', (code, signal) => this.#onExit(child, signal ?? code));
    if (child.exitCode !== null || child.signalCode !== null)
      this.#onExit(child, child.signalCode ?? child.exitCode);
  }

  #listening(child: ChildProcess, secret: string): Promise<{ rtmpPort: number; httpPort: number }> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        finish();
      };
      const fail = (error: VideoError) =>
        settle(() => {
          child.kill('SIGKILL');
          reject(error);
        });
      const timer = setTimeout(
        () => fail(new VideoError('not-startable', 'Video process did not listen within 30 s')),
        START_TIMEOUT_MS,
      );
      const onExit = (code: number | null) =>
        fail(new VideoError('not-startable', `Video process ended with code ${code} before it listened`));
      const onMessage = (message: FromChild) => {
        if (message.kind === 'listening') settle(() => resolve(message));
        else if (message.kind === 'failed') fail(startError(message, this.#options.rtmpHost, this.#rtmpPort));
      };
      child.on('message', onMessage);
      child.once('exit', onExit);
      this.#send(child, {
        kind: 'start',
        rtmpHost: this.#options.rtmpHost,
        rtmpPort: this.#rtmpPort,
        secret,
        keyHashes: this.#options.keyHashes(),
      });
    });
  }

  #onMessage(message: FromChild, child: ChildProcess): void {
    if (message.kind === 'log') this.#options.log(message.level, message.message);
    if (message.kind !== 'facts') return;
    this.#streams = message.streams;
    this.#figures = message.figures;
    this.#watchSilence(child);
  }

  #watchSilence(child: ChildProcess): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#options.log('error', 'Video process does not answer and is killed');
      child.kill('SIGKILL');
    }, SILENCE_MS);
    this.#silence.unref();
  }

  #onExit(child: ChildProcess, why: string | number | null): void {
    if (this.#running?.child !== child) return;
    const ranMs = performance.now() - this.#running.startedAt;
    this.#running = undefined;
    this.#streams = [];
    this.#figures = undefined;
    clearTimeout(this.#silence);
    if (this.#stopping) return;
    if (ranMs > SOUND_MS) this.#delay = FIRST_RESTART_MS;
    this.#options.log('error', `Video process ended (${why})`);
    this.#restartLater();
  }

  #restartLater(): void {
    this.#options.log('warn', `Video process is started again in ${this.#delay} ms`);
    this.#restartTimer = setTimeout(() => {
      this.#restarts++;
      this.#spawn().catch((error: unknown) => {
        if (this.#stopping) return;
        this.#options.log('error', String(error));
        this.#restartLater();
      });
    }, this.#delay);
    this.#delay = Math.min(this.#delay * 2, MAX_RESTART_MS);
  }
}

function startError(failed: { code: string; message: string }, host: string, port: number): VideoError {
  return failed.code === 'EADDRINUSE'
    ? new VideoError('port-taken', `Cannot listen for RTMP on ${host}:${port}: the port is taken`)
    : new VideoError('not-startable', `Cannot listen for RTMP on ${host}:${port}: ${failed.message}`);
}

/** By its full address, so that it is found whatever the working directory is. */
function tsxLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('JINGWEI_')));
}
