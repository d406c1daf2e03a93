import type { EventLog } from '../event-log.ts';
import { IngestError, isIngestError } from '../ingest-error.ts';
import type { JournalDamage } from '../model/index.ts';

/** Damage met while reading: what stands behind it can be read from `damage.to` on. */
export class DamageError extends IngestError {
  readonly damage: JournalDamage;

  constructor(damage: JournalDamage) {
    const { segment, from, to, why } = damage;
    super('journal-corrupt', `Cannot read entries ${from} to ${to - 1} of segment "${segment}": ${why}`);
    this.damage = damage;
  }
}

/** The damage that `error` tells of, if it does. */
export function damageOf(error: unknown): JournalDamage | undefined {
  return isIngestError(error, 'journal-corrupt') && error instanceof DamageError ? error.damage : undefined;
}

/** Ranges kept by name; a disk that fails all over tells the rest in its own log. */
const MAX_RANGES = 1000;

/** The damage met so far, each range told once. */
export class DamageLog {
  readonly ranges: JournalDamage[] = [];
  readonly #log: EventLog | undefined;

  constructor(log: EventLog | undefined) {
    this.#log = log;
  }

  note(damage: JournalDamage): void {
    const known = this.ranges.some(({ segment, from }) => segment === damage.segment && from === damage.from);
    if (known || this.ranges.length >= MAX_RANGES) return;
    this.ranges.push(damage);
    this.#log?.('journal-damaged', { ...damage });
  }

  /** As `work`; notes the damage that it fails with. */
  async watch<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const damage = damageOf(error);
      if (damage !== undefined) this.note(damage);
      throw error;
    }
  }
}
