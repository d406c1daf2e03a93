/** Says in one sentence why a server could not start. */

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
  if (typeof code === 'string' && /^(E[A-Z]+|journal-.*|state-too-new|schema-too-new)$/.test(code))
    return error.message;
  if (/lock/i.test(error.message) && /duckdb/i.test(error.message)) {
    return 'Cannot open the index: another process has it open; is a server running on this data folder?';
  }
  return undefined;
}
