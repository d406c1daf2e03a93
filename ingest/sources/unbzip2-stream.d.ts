/** A bzip2 decoder as an old-style stream: it hands on blocks while `write` and `end` run, never later. */
declare module 'unbzip2-stream' {
  interface Unbzip2Stream {
    on(event: 'data', listener: (block: Uint8Array) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    on(event: 'end', listener: () => void): this;
    write(bytes: Uint8Array): boolean;
    end(): void;
  }
  export default function unbzip2Stream(): Unbzip2Stream;
}
