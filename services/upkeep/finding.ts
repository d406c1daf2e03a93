/** One thing that a check found. */
export interface Finding {
  /** `error`: something is wrong or missing. `warning`: it may be, or a rebuild would lose it. `note`: worth knowing. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly part: 'journal' | 'parts' | 'snapshot' | 'index' | 'rollups';
  /** File, dataset, bucket: where to look. */
  readonly where: string;
  /** What was found. */
  readonly found: string;
  readonly means: string;
  readonly mend: string;
}
