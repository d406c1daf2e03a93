import type { ReactElement } from 'react';

/** How far something is, as a bar and in words. @param share - 0 to 1. */
export function ProgressBar({
  share,
  label,
}: {
  readonly share: number;
  readonly label: string;
}): ReactElement {
  return (
    <div className="progress">
      <span>{label}</span>
      <progress value={share} max={1} aria-label={label} />
    </div>
  );
}

/** `37 %`; it says 100 only when all is done. */
export function shareText(share: number): string {
  return `${Math.floor(Math.max(0, Math.min(1, share)) * 100)}\u2009%`;
}
