import type { Broadcast, MediaContext, MediaServer, MediaSession, RtmpParser } from './media-server.ts';
import { RTMP_APP, STREAM_NAME } from './messages.ts';
import { streamKeyFits } from './stream-key.ts';

/** A connection that has not published by then is cut, ms. */
const PUBLISH_TIMEOUT_MS = 10_000;
/** A publisher that sends nothing for this long is cut, ms. */
const SILENCE_MS = 30_000;
/** Largest RTMP message before and after the key was shown, bytes: a stranger gets no room, a key frame does. */
const MAX_STRANGER_MESSAGE_BYTES = 64 * 1024;
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
/** Chunk streams of one connection: each has a buffer as large as its largest message. */
const MAX_CHUNK_STREAMS = 16;
/** How long a path is kept for a publisher that lost its connection, ms. */
const GRACE_MS = 5_000;

export interface PublisherGuardOptions {
  readonly server: MediaServer;
  readonly context: MediaContext;
  newBroadcast(): Broadcast;
  /** SHA-256 (hex) of the stream's key, if it has one. */
  keyHash(stream: string): string | undefined;
  onRefused(session: MediaSession, why: string): void;
  /** A connection was cut for what it sent. */
  onCut(session: MediaSession, why: string): void;
}

/** Stops a call from going on inside the package; caught where the connection's bytes are parsed. */
class Refused extends Error {}

/**
 * Lets only who knows a stream's key publish it, and only the stream's publisher feed it.
 *
 * The package half-closes a refused publisher and goes on broadcasting what it sends, into the stream it was refused from.
 * So packets of every RTMP connection pass only while it is the publisher of its broadcast, else its socket is destroyed; a
 * refused one is destroyed at once and left with a broadcast nobody watches.
 */
export function guardPublishers(options: PublisherGuardOptions): void {
  const { context, server } = options;
  /** The path each connection was let publish; it keeps it to its end. */
  const owned = new WeakMap<MediaSession, Broadcast>();

  // Sessions are registered here when their connection opens, before their first byte.
  const register = context.sessions.set.bind(context.sessions);
  context.sessions.set = (id, session) => {
    if (session.rtmp !== undefined) guardConnection(session, session.rtmp);
    return register(id, session);
  };

  server.on('prePublish', (session) => {
    const why = refusal(session);
    if (why === undefined) {
      owned.set(session, session.broadcast);
      session.broadcast.publishGraceMs = GRACE_MS;
      session.socket?.setTimeout(SILENCE_MS);
      return;
    }
    options.onRefused(session, why);
    const wanted = session.broadcast;
    // A publisher that overreaches loses its own stream with its connection; a stranger gets a dummy.
    session.broadcast = owned.get(session) ?? options.newBroadcast();
    wanted._destroyIfEmpty();
    drop(session);
    throw new Refused(why);
  });

  // Viewers come through the server's own door, which knows who they are; nobody plays over RTMP.
  server.on('prePlay', (session) => {
    if (session.rtmp === undefined) return;
    options.onCut(session, 'play over RTMP');
    const wanted = session.broadcast;
    session.broadcast = owned.get(session) ?? options.newBroadcast();
    wanted._destroyIfEmpty();
    drop(session);
    throw new Refused('play over RTMP');
  });

  function refusal(session: MediaSession): string | undefined {
    if (session.rtmp === undefined) return 'publishes over HTTP';
    if (owned.has(session)) return 'publishes a second stream';
    if (session.streamApp !== RTMP_APP || !STREAM_NAME.test(session.streamName)) return 'wrong path';
    if (!streamKeyFits(session.streamQuery.key, options.keyHash(session.streamName))) return 'wrong key';
    if (session.broadcast.getPublishStatus() === 'publishing') return 'has a publisher already';
    return undefined;
  }

  function guardConnection(session: MediaSession, rtmp: RtmpParser): void {
    const pass = rtmp.onPacketCallback;
    rtmp.onPacketCallback = (packet) => {
      if (session.broadcast.publisher === session) pass(packet);
      else {
        options.onCut(session, 'media without being the publisher');
        drop(session);
        throw new Refused('not the publisher');
      }
    };
    // Broken AMF or an impossible URL throws out of the parser and would end the process.
    const parse = rtmp.parserData.bind(rtmp);
    rtmp.parserData = (data) => {
      if (session.socket?.destroyed === true) return null;
      try {
        const fault = parse(data);
        if (fault === null) return null;
        options.onCut(session, fault);
      } catch (error) {
        if (!(error instanceof Refused))
          options.onCut(session, error instanceof Error ? error.message : String(error));
      }
      drop(session);
      return null;
    };
    const allocate = rtmp.packetAlloc.bind(rtmp);
    rtmp.packetAlloc = () => {
      const most = owned.has(session) ? MAX_MESSAGE_BYTES : MAX_STRANGER_MESSAGE_BYTES;
      if (rtmp.parserPacket.header.length > most) throw new Error('RTMP message is too large');
      if (rtmp.inPackets.size > MAX_CHUNK_STREAMS) throw new Error('Too many RTMP chunk streams');
      allocate();
    };
    const { socket } = session;
    const deadline = setTimeout(() => {
      if (owned.has(session)) return;
      options.onCut(session, 'did not publish in time');
      drop(session);
    }, PUBLISH_TIMEOUT_MS);
    socket?.on('timeout', () => {
      options.onCut(session, 'silent');
      drop(session);
    });
    socket?.once('close', () => clearTimeout(deadline));
  }
}

/** Ends a connection at once: what it still sends is not read, what waits for it is forgotten. */
export function drop(session: MediaSession): void {
  session.sendBuffer = () => undefined;
  session.socket?.destroy();
}
