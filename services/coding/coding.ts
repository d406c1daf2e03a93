/** The coding service of one server: streams in a thread, files as jobs. */
import { createStreamCoder, type StreamCoder } from './stream-coder.ts';

export interface Coding {
  readonly streams: StreamCoder;
  /** Figures for `/metrics`, by name. */
  metrics(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export interface CodingOptions {
  /** Told what went wrong that no request can answer for. */
  readonly onFault: (error: Error, what: string) => void;
}

export function openCoding(options: CodingOptions): Coding {
  const streams = createStreamCoder((error) => options.onFault(error, 'the coding thread died'));
  return {
    streams,
    metrics: () => ({
      rowsCoded: streams.counts.rows - streams.counts.refused,
      rowsRefused: streams.counts.refused,
      streams: streams.counts.open,
      streamsTurnedAway: streams.counts.turnedAway,
    }),
    async close() {
      await streams.close();
    },
  };
}
