/** Takes a GeoJSON document apart while it comes: the texts of its features, and everything around them as it is. */
import { CodingError } from './coding-error.ts';

/** Longest feature taken: one with a very detailed outline. Bytes. */
export const MAX_FEATURE_BYTES = 16 * 1024 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;

/** A piece of the document: a feature of its list, or bytes between. */
export type DocumentPiece = { readonly feature: string } | { readonly around: Buffer };

/** A FeatureCollection; a single Feature comes whole with `end`. */
export class FeatureScanner {
  #held: Buffer = Buffer.alloc(0);
  /** Next byte to look at, and where the piece under way begins, in `#held`. */
  #at = 0;
  #pieceStart = 0;
  #depth = 0;
  #quoted = false;
  #nameStart = -1;
  #name = '';
  /** Depth of the list of features while inside it. */
  #inside = false;
  #seenList = false;
  #inFeature = false;

  push(block: Buffer): DocumentPiece[] {
    this.#held =
      this.#held.length === this.#pieceStart
        ? block
        : Buffer.concat([this.#held.subarray(this.#pieceStart), block]);
    this.#at -= this.#pieceStart;
    if (this.#nameStart >= 0) this.#nameStart -= this.#pieceStart;
    this.#pieceStart = 0;
    const pieces: DocumentPiece[] = [];
    for (; this.#at < this.#held.length; this.#at += 1) this.#look(this.#held[this.#at]!, pieces);
    if (!this.#inFeature && this.#seenList) this.#cut(this.#held.length, pieces);
    else if (this.#held.length - this.#pieceStart > MAX_FEATURE_BYTES)
      throw new CodingError(
        'file-invalid',
        `A feature, or what stands before the first one, is longer than ${MAX_FEATURE_BYTES} bytes`,
      );
    return pieces;
  }

  /** What is left: nothing of a FeatureCollection, all of a document that is none. @throws {CodingError} `file-invalid`. */
  end(): { readonly document: Buffer | undefined } {
    if (!this.#seenList) return { document: this.#held.subarray(this.#pieceStart) };
    if (this.#inside || this.#depth > 0)
      throw new CodingError('file-invalid', 'The document breaks off: it is not whole');
    return { document: undefined };
  }

  #look(byte: number, pieces: DocumentPiece[]): void {
    if (this.#quoted) {
      if (byte === BACKSLASH) this.#at += 1;
      else if (byte === QUOTE) {
        this.#quoted = false;
        if (this.#nameStart >= 0) {
          this.#name = this.#held.toString('utf8', this.#nameStart, this.#at);
          this.#nameStart = -1;
        }
      }
      return;
    }
    if (byte > SPACE && this.#seenList && this.#depth === 0)
      throw new CodingError('file-invalid', 'Something stands behind the end of the document');
    if (byte === QUOTE) {
      this.#quoted = true;
      if (!this.#inside && this.#depth === 1) this.#nameStart = this.#at + 1;
    } else if (byte === 0x7b || byte === 0x5b) this.#open(byte, pieces);
    else if (byte === 0x7d || byte === 0x5d) this.#close(pieces);
    else if (byte === COMMA && this.#depth === 1) this.#name = '';
    else if (byte !== COLON && byte > SPACE && this.#depth === 1) this.#name = '';
  }

  #open(byte: number, pieces: DocumentPiece[]): void {
    if (byte === 0x5b && this.#depth === 1 && this.#name === 'features' && !this.#seenList) {
      this.#inside = true;
      this.#seenList = true;
    } else if (this.#inside && this.#depth === 2) {
      this.#cut(this.#at, pieces);
      this.#inFeature = true;
    }
    this.#depth += 1;
  }

  #close(pieces: DocumentPiece[]): void {
    this.#depth -= 1;
    if (this.#depth < 0)
      throw new CodingError('file-invalid', 'The document is not JSON: a bracket closes that never opened');
    if (this.#inFeature && this.#depth === 2) {
      pieces.push({ feature: this.#held.toString('utf8', this.#pieceStart, this.#at + 1) });
      this.#pieceStart = this.#at + 1;
      this.#inFeature = false;
    } else if (this.#inside && this.#depth === 1) this.#inside = false;
    this.#name = '';
  }

  #cut(end: number, pieces: DocumentPiece[]): void {
    if (end > this.#pieceStart) pieces.push({ around: this.#held.subarray(this.#pieceStart, end) });
    this.#pieceStart = end;
  }
}
