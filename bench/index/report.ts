import { availableParallelism, cpus, loadavg } from 'node:os';
import type { Access } from '../../analytics/index.ts';

/** Who asks in the benches: everything may be seen. */
export const ALL: Access = {
  subject: 'bench',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'bench',
};

/** Where and when, and how busy the machine is with other things: load average of the last minute. */
export function machineLine(): string {
  return (
    `${new Date().toISOString().slice(0, 16)}Z, Node ${process.version}, ` +
    `${cpus()[0]?.model ?? 'unknown CPU'} x ${availableParallelism()}, load average ${loadavg()[0]!.toFixed(1)}`
  );
}

/** The value below which this share of the values lies; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** `median (least .. most)` with three digits that count. */
export function spread(values: readonly number[], unit = ''): string {
  return `${short(median(values))}${unit} (${short(Math.min(...values))} .. ${short(Math.max(...values))})`;
}

export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** One markdown table, cells padded so that it reads in a terminal too. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Runs it and gives back how long it took, ms, and what it gave. */
export async function timed<T>(run: () => Promise<T>): Promise<{ readonly ms: number; readonly value: T }> {
  const started = performance.now();
  const value = await run();
  return { ms: performance.now() - started, value };
}
