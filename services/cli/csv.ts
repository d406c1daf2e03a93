/** Rows as CSV (RFC 4180): a header, CRLF, quotes where needed. */

/**
 * Formats rows. The header is the union of their keys, in order of appearance; objects below the first level become dotted
 * names, lists become JSON.
 *
 * @param header - False for rows that follow others of the same keys.
 */
export function toCsv(rows: readonly Readonly<Record<string, unknown>>[], header = true): string {
  const flat = rows.map((row) => flatten(row));
  const names = [...new Set(flat.flatMap((row) => [...row.keys()]))];
  const lines = flat.map((row) => names.map((name) => field(row.get(name))).join(','));
  return [...(header ? [names.map(field).join(',')] : []), ...lines, ''].join('\r\n');
}

function flatten(row: Readonly<Record<string, unknown>>, prefix = ''): Map<string, unknown> {
  const out = new Map<string, unknown>();
  for (const [key, value] of Object.entries(row)) {
    const name = prefix + key;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const entry of flatten(value as Record<string, unknown>, `${name}.`)) out.set(...entry);
    } else out.set(name, value);
  }
  return out;
}

function field(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  // A leading = + - @ makes spreadsheets run a formula that a citizen may have typed: text gets an apostrophe before it.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
