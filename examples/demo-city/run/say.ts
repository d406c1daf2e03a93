/** One progress line on stderr, for the person at the console. */
export function say(line: string): void {
  process.stderr.write(`demo-city: ${line}\n`);
}

/** The message of whatever was thrown. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // `fetch failed` hides the address it could not reach in its cause.
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

/** Waits, or ends early when the signal says so. Milliseconds. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
