import type { Origin, Rejection, StoredRejection } from './model/index.ts';
import type { DecodedEntry } from './worker/decoded-entry.ts';

/** A rejection with where it came from. `ordinal` is the record's place in its message, from 0. */
export function encodeRejection(
  rejection: Rejection,
  record: number,
  ordinal: number,
  entry: DecodedEntry,
): StoredRejection {
  const { code, message, disposition, where, thing, readings } = rejection;
  return {
    position: entry.position,
    record,
    receivedAt: entry.receivedAt,
    sourceId: entry.sourceId,
    principal: entry.origin.principal,
    origin: originText(entry.origin, ordinal),
    code,
    message,
    disposition,
    ...(where === undefined ? {} : { where }),
    dataset: rejection.dataset ?? entry.outcomes[ordinal]?.dataset ?? '',
    ...(thing === undefined ? {} : { thing }),
    readings,
    byteLength: entry.byteLength,
  };
}

/** Where a record came from, for a person: topic, file name and row, or request. */
export function originText(origin: Origin, ordinal: number): string {
  switch (origin.transport) {
    case 'mqtt':
      return `Topic ${origin.topic}`;
    case 'http':
      return `Request ${origin.requestId}`;
    case 'file':
      return `File ${origin.fileName}, record ${origin.firstRow + ordinal}`;
  }
}
