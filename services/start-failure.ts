/** Says in one sentence why a server could not start. */

/** Index and journal do not belong together: the index holds entries that the journal does not. */
export class IndexAheadError extends Error {
  readonly code = 'index-ahead';
  constructor(position: number, head: number) {
    super(
      `Cannot start: the index stands at entry ${position} and the journal ends at ${head}. New messages would take numbers ` +
        'that the index has loaded already, and be missing from it. Put the journal back that the index was made from, or ' +
        'make the index again with "jingwei rebuild"',
    );
    this.name = 'IndexAheadError';
  }
}

/** The sentence for what a person can mend; undefined for our own mistakes, which want their stack. */
export function explainStartFailure(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? error.code : undefined;
  // Node ends these messages with the address; the fields are lost on the way from a thread.
  const where = error.message.split(' ').at(-1) ?? '';
  if (code === 'EADDRINUSE') return `Cannot listen on ${where}: the port is taken`;
  if (code === 'EACCES' && error.message.startsWith('listen'))
    return `Cannot listen on ${where}: not permitted`;
  if (code === 'EADDRNOTAVAIL') return `Cannot listen on ${where}: this machine has no such address`;
  if (code === 'journal-locked') return `${error.message}: is another server running on this data folder?`;
  if (
    typeof code === 'string' &&
    /^(E[A-Z]+|journal-.*|state-too-new|schema-too-new|index-ahead|restore-cut)$/.test(code)
  )
    return error.message;
  if (/lock/i.test(error.message) && /duckdb/i.test(error.message)) {
    return 'Cannot open the index: another process has it open; is a server running on this data folder?';
  }
  return undefined;
}
