import type { ReactElement } from 'react';

export interface SparkProps {
  /** Oldest first; null is a gap and stays one. */
  readonly values: readonly (number | null)[];
  readonly min?: readonly (number | null)[];
  readonly max?: readonly (number | null)[];
  /** Drawn as dashed lines when they come near the values. */
  readonly limits?: readonly number[];
  readonly label: string;
  readonly tall?: boolean;
}

const W = 240;

/** A small line without axes: shape of the last period, its limits, its gaps. A lone value between gaps is a dot. */
export function Spark({ values, min, max, limits = [], label, tall = false }: SparkProps): ReactElement {
  const h = tall ? 56 : 36;
  const numbers = [...values, ...(min ?? []), ...(max ?? [])].filter((v): v is number => v !== null);
  if (numbers.length === 0)
    return <svg className="spark" viewBox={`0 0 ${W} ${h}`} role="img" aria-label={label} />;
  const { low, high, shown } = domain(numbers, limits);
  const x = (i: number): number => (values.length < 2 ? W / 2 : 2 + (i / (values.length - 1)) * (W - 6));
  const y = (v: number): number => h - 3 - ((v - low) / (high - low)) * (h - 6);
  const last = values.findLastIndex((v) => v !== null);
  return (
    <svg className="spark" viewBox={`0 0 ${W} ${h}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {shown.map((v) => (
        <line key={v} className="spark-limit" x1="0" x2={W} y1={y(v)} y2={y(v)} />
      ))}
      {min && max
        ? runs(values).map((run) => (
            <path key={run[0]} className="spark-band" d={band(run, x, y, min, max)} />
          ))
        : null}
      {runs(values).map((run) =>
        run.length === 1 ? (
          <path
            key={run[0]}
            className="spark-dot"
            d={dot(x(run[0] as number), y(values[run[0] as number] as number))}
          />
        ) : (
          <path
            key={run[0]}
            className="spark-line"
            d={run
              .map((i, k) => `${k === 0 ? 'M' : 'L'}${x(i).toFixed(1)} ${y(values[i] as number).toFixed(1)}`)
              .join('')}
          />
        ),
      )}
      {last >= 0 ? <path className="spark-end" d={dot(x(last), y(values[last] as number))} /> : null}
    </svg>
  );
}

/** A zero-length stroke with round caps: a dot that stays round when the box is stretched. */
const dot = (x: number, y: number): string => `M${x.toFixed(1)} ${y.toFixed(1)}h0.01`;

/** Limits farther than twice the values' own range would flatten the line: they are left out. */
function domain(
  values: readonly number[],
  limits: readonly number[],
): { readonly low: number; readonly high: number; readonly shown: readonly number[] } {
  let low = Math.min(...values);
  let high = Math.max(...values);
  const room = Math.max((high - low) * 1.5, Math.abs(high) * 0.35, 1e-9);
  const shown = limits.filter((l) => l >= low - room && l <= high + room);
  low = Math.min(low, ...shown);
  high = Math.max(high, ...shown);
  const pad = (high - low) * 0.06 || Math.max(Math.abs(high) * 0.1, 1);
  return { low: low - pad, high: high + pad, shown };
}

/** Indices of neighbouring values without a gap between them. */
function runs(values: readonly (number | null)[]): readonly (readonly number[])[] {
  const out: number[][] = [];
  values.forEach((v, i) => {
    if (v === null) return;
    const open = out.at(-1);
    if (open && open.at(-1) === i - 1) open.push(i);
    else out.push([i]);
  });
  return out;
}

function band(
  run: readonly number[],
  x: (i: number) => number,
  y: (v: number) => number,
  min: readonly (number | null)[],
  max: readonly (number | null)[],
): string {
  const top = run.map((i) => `${x(i).toFixed(1)} ${y(max[i] ?? 0).toFixed(1)}`);
  const bottom = [...run].reverse().map((i) => `${x(i).toFixed(1)} ${y(min[i] ?? 0).toFixed(1)}`);
  return `M${[...top, ...bottom].join('L')}Z`;
}
