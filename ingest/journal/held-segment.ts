import type { Position } from '../model/index.ts';
import { type PackedHeader, packedName } from './packed/packed-format.ts';
import { segmentName } from './segment.ts';

/** A closed segment, as the list of them knows it. */
export interface HeldSegment {
  readonly first: Position;
  readonly form: 'plain' | 'packed';
  /** On disk. */
  readonly bytes: number;
  /** What the packed form tells of itself; absent where that is damaged. */
  readonly header?: PackedHeader | undefined;
}

/** Its file's name. */
export function nameOf({ first, form }: Pick<HeldSegment, 'first' | 'form'>): string {
  return form === 'plain' ? segmentName(first) : packedName(first);
}

/** Bytes it has or had in its plain form. */
export function plainBytesOf(segment: HeldSegment): number {
  return segment.header?.plainBytes ?? segment.bytes;
}

/** Is this the error of a file that is not there? */
export function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
