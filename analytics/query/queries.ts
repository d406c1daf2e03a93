import type { CommitDelta } from '../store/commit-delta.ts';
import type { Access } from './access.ts';
import type {
  AccountsAnswer,
  CompareAnswer,
  CorrectionsAnswer,
  CountAnswer,
  CubeAnswer,
  DatasetAnswer,
  EventAnswer,
  EventsAnswer,
  FeaturesAnswer,
  FeedStatus,
  FiguresAnswer,
  IndicatorCard,
  InsideAnswer,
  LatestAnswer,
  NearestAnswer,
  PropertyAnswer,
  RejectionsAnswer,
  SeriesQueryAnswer,
  ThingsAnswer,
  TopAnswer,
  TotalsAnswer,
  ZoneDossier,
  ZonesAnswer,
} from './answers.ts';
import type {
  AccountsQuery,
  CompareQuery,
  CorrectionsQuery,
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
  RejectionsQuery,
  SeriesQuery,
  ThingsQuery,
  TopQuery,
  TotalsQuery,
  ZonesQuery,
} from './shapes.ts';

/** The latest state of one property by zone, as columns for the live stream. Shape (n) each. */
export interface ZoneColumns {
  readonly n: number;
  /** The level answered: an `Access` may have made it coarser than the one asked. */
  readonly level: number;
  /** H3 cell index or packed BeiDou code at `level`. */
  readonly id: BigUint64Array;
  readonly mean: Float32Array;
  readonly count: Uint32Array;
  /** Newest phenomenonTime, UTC ms. */
  readonly newest: Float64Array;
}

/** Places of Things. Shape (ids.length) each. */
export interface PlaceColumns {
  readonly ids: readonly string[];
  readonly lon: Float64Array;
  readonly lat: Float64Array;
  readonly newest: Float64Array;
}

/**
 * Every way to the rows. All take who asks first; what an `Access` does not allow is left out or made coarser, and what
 * cannot be answered throws a `QueryError`.
 */
export interface Queries {
  zones(access: Access, query: ZonesQuery): Promise<ZonesAnswer>;
  things(access: Access, query: ThingsQuery): Promise<ThingsAnswer>;
  series(access: Access, query: SeriesQuery): Promise<SeriesQueryAnswer>;
  events(access: Access, query: EventsQuery): Promise<EventsAnswer>;
  features(access: Access, query: FeaturesQuery): Promise<FeaturesAnswer>;
  nearest(access: Access, query: NearestQuery): Promise<NearestAnswer>;
  /** Newest readings by phenomenonTime: of datastreams, Things or zones. */
  latest(access: Access, query: LatestQuery): Promise<LatestAnswer>;
  /** How many would come, before they are asked for. */
  count(access: Access, query: CountQuery): Promise<CountAnswer>;
  cube(access: Access, query: CubeQuery): Promise<CubeAnswer>;
  compare(access: Access, query: CompareQuery): Promise<CompareAnswer>;
  top(access: Access, query: TopQuery): Promise<TopAnswer>;
  /** Everything in an area, over all kinds. */
  inside(access: Access, query: InsideQuery): Promise<InsideAnswer>;
  zoneDossier(access: Access, query: DossierQuery): Promise<ZoneDossier>;
  totals(access: Access, query: TotalsQuery): Promise<TotalsAnswer>;
  accounts(access: Access, query?: AccountsQuery): Promise<AccountsAnswer>;
  /** What was corrected, for audit. */
  corrections(access: Access, query: CorrectionsQuery): Promise<CorrectionsAnswer>;
  rejections(access: Access, query: RejectionsQuery): Promise<RejectionsAnswer>;
  figures(access: Access, query: FiguresQuery): Promise<FiguresAnswer>;
  /** From memory, at once. */
  indicators(access: Access): readonly IndicatorCard[];
  datasets(access: Access): readonly DatasetAnswer[];
  properties(access: Access): readonly PropertyAnswer[];
  feeds(access: Access): readonly FeedStatus[];
  /** Rejections received in the last hour, from memory. */
  refusedLastHour(access: Access): number;

  // For the live stream: from memory, at once, never from the database.
  /** As `zones` without a span. */
  zoneColumns(
    access: Access,
    query: { readonly dggrs: GridId; readonly level: number; readonly property: string },
  ): ZoneColumns;
  /** Places of all Things that may be seen. */
  places(access: Access): PlaceColumns;
  /** Places of the Things of which a commit brought newer readings. */
  placesIn(access: Access, delta: CommitDelta): PlaceColumns;
  /** The commit's events that may be seen, coarsened and masked. */
  eventsIn(access: Access, delta: CommitDelta): readonly EventAnswer[];
  /** Properties of which a commit brought newer readings: which zone layers changed. */
  propertiesIn(access: Access, delta: CommitDelta): ReadonlySet<string>;
}
