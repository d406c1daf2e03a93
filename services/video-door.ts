/** Starts the video process, if it can be: a server without video is still a server. */
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { VideoDoor } from './services.ts';
import { startVideo } from './video/index.ts';

/** Video as the server holds it. */
export interface RunningVideo extends VideoDoor {
  /** RTMP port listened on. */
  readonly port: number;
  setKeys(keys: Readonly<Record<string, string>>): void;
  close(): Promise<void>;
}

/** Starts video; undefined when it is off or could not start, with a log line that says why. */
export async function startVideoDoor(
  config: Config,
  keys: Readonly<Record<string, string>>,
  log: Logger,
): Promise<RunningVideo | undefined> {
  const { enabled, host, port } = config.rtmp;
  if (!enabled) {
    log.info('video is off (rtmp.enabled)');
    return undefined;
  }
  try {
    return await startVideo({
      host,
      rtmpPort: port,
      keys,
      log: (level, message) => log[level]({ part: 'video' }, message),
    });
  } catch (error) {
    log.error({ err: error, host, port }, 'video could not start; everything else runs');
    return undefined;
  }
}
