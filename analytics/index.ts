/** Kept and understood: the index of the journal, its rollups, and the few query shapes that everything uses. */
export type { Access } from './query/access.ts';
export type * from './query/answers.ts';
export type { Division } from './query/area.ts';
export { createQueries } from './query/create-queries.ts';
export type { PlaceColumns, Queries, ZoneColumns } from './query/queries.ts';
export { isQueryError, QueryError } from './query/query-error.ts';
export type {
  AccountsQuery,
  Aggregation,
  AnswerProvenance,
  AreaGeometry,
  AreaRef,
  CompareQuery,
  CountQuery,
  CubeQuery,
  DossierQuery,
  EventsQuery,
  FeaturesQuery,
  FiguresQuery,
  GridId,
  InsideQuery,
  LatestQuery,
  NearestQuery,
  QueryErrorCode,
  RejectionsQuery,
  SeriesQuery,
  Span,
  ThingsQuery,
  TopQuery,
  TotalsQuery,
  ZoneRef,
  ZonesQuery,
} from './query/shapes.ts';
export {
  checkIndex,
  checkIndexFile,
  type DatasetRows,
  type IndexFacts,
  type RollupDifference,
} from './store/check-index.ts';
export type { CommitDelta, LatestColumns } from './store/commit-delta.ts';
export { LatestIndex } from './store/latest-index.ts';
export { openStore } from './store/open-store.ts';
export { openPartRowsCheck, type PartRowsCheck } from './store/parts/check-part-rows.ts';
export {
  inspectParts,
  type PartFault,
  type PartsReport,
  type SnapshotReport,
} from './store/parts/inspect-parts.ts';
export type { Part } from './store/parts/part.ts';
export { type QueryContext, underQueryContext } from './store/query-context.ts';
export type {
  Catalogue,
  DamagedPart,
  DatastreamEntry,
  PartsSummary,
  Recovery,
  SealOptions,
  SealPolicy,
  SealProgress,
  SealReport,
  Store,
  StoreLog,
  StoreMetrics,
  StoreOptions,
} from './store/store.ts';
export type { StoreErrorCode } from './store/store-error.ts';
export { isStoreError, StoreError } from './store/store-error.ts';
