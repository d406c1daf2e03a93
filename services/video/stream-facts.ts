import type { MediaContext, MediaSession } from './media-server.ts';
import { RTMP_APP, type StreamFacts } from './messages.ts';

/** Bytes are averaged over this many reports. */
const WINDOW = 5;

/** FLV codec ids (Adobe FLV 10.1, E.4) and the four-letter codes of enhanced RTMP. */
const VIDEO_CODECS: Readonly<Record<string, string>> = {
  '2': 'h263',
  '4': 'vp6',
  '7': 'h264',
  '12': 'hevc',
  avc1: 'h264',
  hvc1: 'hevc',
  av01: 'av1',
  vp09: 'vp9',
};
const AUDIO_CODECS: Readonly<Record<string, string>> = {
  '2': 'mp3',
  '10': 'aac',
  '11': 'speex',
  mp4a: 'aac',
  Opus: 'opus',
};

/** Looks at the live streams once a report and works out their bit rates. */
export class StreamWatch {
  readonly #context: MediaContext;
  readonly #samples = new Map<string, { readonly at: number; readonly bytes: number }[]>();

  constructor(context: MediaContext) {
    this.#context = context;
  }

  /** @param now - Monotonic ms. */
  facts(now: number): readonly StreamFacts[] {
    const live: StreamFacts[] = [];
    const seen = new Set<string>();
    for (const [path, broadcast] of this.#context.broadcasts) {
      const { publisher } = broadcast;
      if (publisher === null || broadcast.getPublishStatus() !== 'publishing') continue;
      if (!path.startsWith(`/${RTMP_APP}/`)) continue;
      seen.add(publisher.id);
      live.push({
        name: publisher.streamName,
        since: publisher.createTime,
        videoCodec: codec(publisher.videoCodec, VIDEO_CODECS),
        audioCodec: codec(publisher.audioCodec, AUDIO_CODECS),
        width: positive(publisher.videoWidth),
        height: positive(publisher.videoHeight),
        bitsPerSecond: this.#rate(publisher, now),
        viewers: broadcast.subscribers.size,
      });
    }
    for (const id of this.#samples.keys()) if (!seen.has(id)) this.#samples.delete(id);
    return live;
  }

  #rate(publisher: MediaSession, now: number): number {
    const samples = this.#samples.get(publisher.id) ?? [];
    samples.push({ at: now, bytes: publisher.inBytes });
    if (samples.length > WINDOW) samples.shift();
    this.#samples.set(publisher.id, samples);
    const [first] = samples;
    if (first === undefined || now <= first.at) return 0;
    return Math.round(((publisher.inBytes - first.bytes) * 8000) / (now - first.at));
  }
}

function codec(value: unknown, names: Readonly<Record<string, string>>): string | null {
  if (value === 0 || value === undefined || value === null) return null;
  return names[String(value)] ?? names[fourLetters(value)] ?? String(value).slice(0, 16);
}

/** `hvc1` as the number enhanced RTMP makes of it. */
function fourLetters(value: unknown): string {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffffffff) return '';
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('latin1');
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : null;
}
