/** What every way of coding a stream looks like: bytes in, bytes out, in order, and an account at the end. */

export interface CodingSession {
  /** Takes the next bytes of the request; gives what of the answer they make, which may be nothing. */
  push(bytes: Uint8Array): Promise<Uint8Array>;
  /** The rest of the answer. */
  end(): Promise<Uint8Array>;
  /** Rows taken and rows refused so far. */
  readonly account: { readonly rows: number; readonly refused: number };
}
