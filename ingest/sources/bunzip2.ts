import unbzip2Stream from 'unbzip2-stream';

/** Begins with the three bytes of a bzip2 file? */
export function isBzip2(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x5a && bytes[2] === 0x68;
}

/**
 * Unpacks bzip2 at once.
 *
 * @param maxBytes - Unpacked length above which it gives up: ten kilobytes may unpack to gigabytes.
 * @returns The bytes, or a sentence that says why there are none.
 */
export function bunzip2(bytes: Uint8Array, maxBytes: number): Uint8Array | string {
  const blocks: Uint8Array[] = [];
  let length = 0;
  let fault: string | undefined;
  let ended = false;
  const stream = unbzip2Stream();
  stream.on('error', (error) => {
    fault ??= error.message;
  });
  stream.on('end', () => {
    ended = true;
  });
  stream.on('data', (block) => {
    length += block.length;
    // The decoder turns what is thrown here into its error event and stops.
    if (length > maxBytes) throw new Error(`Unpacked length is over ${maxBytes} bytes`);
    blocks.push(block);
  });
  try {
    stream.write(bytes);
    stream.end();
  } catch (error) {
    fault ??= error instanceof Error ? error.message : 'unreadable';
  }
  if (fault !== undefined) return fault;
  return ended ? Buffer.concat(blocks) : 'Ends too early';
}
