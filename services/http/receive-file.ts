/** A file that comes as the body of a request, streamed to the disk. */
import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request } from 'express';
import { HttpProblem } from '../problem.ts';

/** A file name that is one: no folders, no control characters. */
export function safeName(name: string): string {
  const plain = basename(name.replaceAll('\\', '/')).replace(/[^\p{L}\p{N}._ -]/gu, '_');
  return plain === '' || plain.startsWith('.') ? `file${plain}` : plain;
}

/**
 * Streams a request's body into a new file.
 *
 * @param limit - Most bytes taken.
 * @param onBytes - Told of each block before it is written; may throw to end the upload.
 * @returns Bytes of the file.
 * @throws {HttpProblem} 413 `body-too-large`, 415 `unsupported-encoding`, 400 `upload-cut` and `empty-body`.
 */
export async function receiveFile(
  req: Request,
  path: string,
  limit: number,
  onBytes: (bytes: number) => Promise<void> = async () => undefined,
): Promise<number> {
  const tooLarge = () =>
    new HttpProblem(413, 'body-too-large', `The file is larger than ${limit} bytes`, {
      extensions: { limit },
    });
  if (Number(req.headers['content-length'] ?? 0) > limit) throw tooLarge();
  if (req.headers['content-encoding'] !== undefined) {
    throw new HttpProblem(415, 'unsupported-encoding', 'Send the file as it is, without Content-Encoding');
  }
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      if (bytes > limit) done(tooLarge());
      else
        onBytes(chunk.byteLength).then(
          () => done(null, chunk),
          (error: Error) => done(error),
        );
    },
  });
  try {
    await pipeline(req, count, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    if (req.destroyed && !req.complete)
      throw new HttpProblem(400, 'upload-cut', 'The upload ended too early');
    throw error;
  }
  if (bytes === 0) throw new HttpProblem(400, 'empty-body', 'The file is empty');
  return bytes;
}
