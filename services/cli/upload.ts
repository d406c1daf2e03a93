/**
 * Sends a body of any size and waits for the answer as long as it takes: a large delivery is answered once all of it is on
 * disk, and `fetch` gives up after five minutes without a header.
 */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';

/** A connection on which nothing moves for this long is broken: an answer may need an hour of decoding. ms. */
const SILENCE_MS = 4 * 3_600_000;

/**
 * Posts a stream.
 *
 * @returns Status and body text of the answer, whatever the status.
 * @throws The system's error when the server cannot be reached or the line breaks; the stream's own error.
 */
export function upload(
  url: string,
  body: Readable,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    let answered = false;
    const outgoing = request(
      url,
      { method: 'POST', headers, timeout: SILENCE_MS, agent: false },
      (answer) => {
        answered = true;
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    outgoing.once('timeout', () => outgoing.destroy(new Error('the server is silent')));
    pipeline(body, outgoing, (error) => {
      // A refusal comes before all of the body has gone, and the server then closes: the answer is what counts.
      if (error && !answered) setTimeout(() => (answered ? undefined : reject(error)), ANSWER_GRACE_MS);
    });
  });
}

/** After a broken upload, how long an answer that is under way may take. ms. */
const ANSWER_GRACE_MS = 500;
