import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export const readBytes = (path) => {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
};

export const readText = (path) => readBytes(path).toString('utf8');

// Node has no bzip2 of its own.
export const readBzip2 = (path) =>
  execFileSync('bzip2', ['-dc', path], { maxBuffer: 1 << 28 }).toString('utf8');
