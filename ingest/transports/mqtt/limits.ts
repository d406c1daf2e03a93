/** Bounds on what one client can make the gateway hold or do. Each says what it protects. */

/** A socket that has not completed CONNECT by then is closed, ms. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** Largest CONNECT taken from a stranger, bytes: room for a will, but not for holding our memory. */
export const MAX_CONNECT_BYTES = 64 * 1024;
/** Sockets that may wait for their CONNECT at once; the oldest is dropped for a new one above it. */
export const MAX_STRANGERS = 1024;
/** Beginning of a refused payload that is kept, bytes; length and SHA-256 of all of it go with it. */
export const REFUSAL_HEAD_BYTES = 64 * 1024;
/** Longest topic + packet id + properties of an oversized PUBLISH that is still understood, bytes. */
export const MAX_VARIABLE_HEADER_BYTES = 128 * 1024;
/** Bytes of incomplete packets held for all connections together; the one that would exceed it is closed. */
export const MAX_PARTIAL_BYTES = 64 * 1024 * 1024;
/** Above this many bytes accepted and not yet on disk every socket rests, bytes. */
export const SINK_HIGH_WATER_BYTES = 16 * 1024 * 1024;
/** Below this the sockets are read again, bytes. */
export const SINK_LOW_WATER_BYTES = 8 * 1024 * 1024;
/** How often the sink's pending bytes are looked at while sockets rest, ms. */
export const SINK_POLL_MS = 20;
/** After the disk refused, the connection is held unread this long and then closed, so that the client resends, ms. */
export const FAULT_CLOSE_MS = 2_000;
/** Answers a client has not read, above which we stop reading from it, bytes. */
export const WRITE_HIGH_WATER_BYTES = 64 * 1024;
/** A client that takes nothing of what waits for it for this long is closed, ms. */
export const WRITE_STALL_MS = 30_000;
/** Messages that wait for one subscriber; it is disconnected above either bound. */
export const MAX_OUTBOX_MESSAGES = 1_000;
export const MAX_OUTBOX_BYTES = 1024 * 1024;
/** QoS 1 messages sent to one subscriber and not acknowledged by it. */
export const MAX_OUTBOX_IN_FLIGHT = 100;
/** Topic filters of one session. */
export const MAX_SUBSCRIPTIONS = 64;
/** Longest client identifier, bytes of UTF-8. */
export const MAX_CLIENT_ID_BYTES = 256;
/** Longest reason string sent in an MQTT 5 answer, characters. */
export const MAX_REASON_CHARS = 200;
/** How often keep-alives and time limits are looked at, ms. */
export const SWEEP_MS = 500;
/** Longest wait for messages on their way to the disk when the gateway closes, ms. */
export const CLOSE_WAIT_MS = 5_000;
/** Added to 1.5 times the keep-alive so that a busy loop does not close punctual clients, ms. */
export const KEEPALIVE_GRACE_MS = 250;
