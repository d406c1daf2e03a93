import type { LoadBatch, Position } from '../../ingest/model/index.ts';

/**
 * What of a batch has not been counted yet, for an index that was rebuilt from a state written down at `countedFrom`: of
 * entries before it only observations are wanted (see `ObservationLoader`). Declarations carry no position: those of a
 * batch that straddles it are all taken, in order, since the last ones before it are what the state holds.
 */
export function uncounted(batch: LoadBatch, countedFrom: Position): LoadBatch {
  if (batch.from >= countedFrom) return batch;
  const isNew = ({ record }: { readonly record: number }) => batch.records[record]!.position >= countedFrom;
  return {
    ...batch,
    declarations: batch.to <= countedFrom ? [] : batch.declarations,
    events: batch.events.filter(isNew),
    features: batch.features.filter(isNew),
    rejections: batch.rejections.filter(({ position }) => position >= countedFrom),
  };
}
