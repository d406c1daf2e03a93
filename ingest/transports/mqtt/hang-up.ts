import type { Socket } from 'node:net';

/** After the goodbye: how long the peer may take to close before its socket is destroyed, ms. */
const LINGER_MS = 1_000;

/**
 * Ends a connection so that the peer can still read why. Unread bytes would make the kernel send a reset that overtakes the
 * goodbye, so they are read and forgotten for a moment.
 */
export function hangUp(socket: Socket, goodbye: Buffer | undefined): void {
  if (socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  if (goodbye !== undefined) socket.write(goodbye);
  socket.end();
  socket.resume();
  const linger = setTimeout(() => socket.destroy(), LINGER_MS);
  linger.unref();
  socket.once('close', () => clearTimeout(linger));
}
