/** One step of the schema, forward only. A step that has been released is never edited: a new one follows it. */
export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly title: string;
  readonly statements: readonly string[];
}
