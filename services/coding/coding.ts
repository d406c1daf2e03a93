/** The coding service of one server: streams in a thread, files as jobs. */
import { type FileJobs, openFileJobs } from './file-jobs.ts';
import { createStreamCoder, type StreamCoder } from './stream-coder.ts';

export interface Coding {
  readonly streams: StreamCoder;
  readonly files: FileJobs;
  /** Figures for `/metrics`, by name. */
  metrics(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export interface CodingOptions {
  /** Holds the files under way and their results. */
  readonly folder: string;
  /** Free space that must be left on its disk. Bytes. */
  readonly floorBytes: number;
  /** Clock, UTC ms. */
  readonly now: () => number;
  /** Told what went wrong that no request can answer for. */
  readonly onFault: (error: Error, what: string) => void;
}

export async function openCoding(options: CodingOptions): Promise<Coding> {
  const streams = createStreamCoder((error) => options.onFault(error, 'the coding thread died'));
  const files = await openFileJobs(options);
  return {
    streams,
    files,
    metrics() {
      const refused = streams.counts.refused + files.counts.refused;
      const jobs = files.list();
      return {
        rowsCoded: streams.counts.rows + files.counts.rows - refused,
        rowsRefused: refused,
        streams: streams.counts.open,
        streamsTurnedAway: streams.counts.turnedAway,
        filesDone: files.counts.done,
        filesFailed: files.counts.failed,
        filesWaiting: jobs.filter((job) => job.state === 'waiting' || job.state === 'running').length,
        filesKept: jobs.length,
      };
    },
    async close() {
      await Promise.all([streams.close(), files.close()]);
    },
  };
}
