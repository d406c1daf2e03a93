import { FigureEngine } from '../indicators/engine.ts';
import { internalsOf } from '../store/internals.ts';
import type { Store } from '../store/store.ts';
import type { Access } from './access.ts';
import { queryAccounts } from './accounts.ts';
import type { Division } from './area.ts';
import { queryAreaSeries } from './area-series.ts';
import { datasetAnswers, feedStatuses, propertyAnswers } from './catalogue.ts';
import { queryCompare } from './compare.ts';
import { queryCorrections } from './corrections.ts';
import { queryCount } from './count.ts';
import { queryCube } from './cube.ts';
import { queryDossier } from './dossier.ts';
import { queryEvents, queryFeatures } from './events.ts';
import { queryInside } from './inside.ts';
import { queryLatest } from './latest.ts';
import { queryNearest } from './nearest.ts';
import type { Queries } from './queries.ts';
import { queryRejections } from './rejections.ts';
import { Scope } from './scope.ts';
import { querySeries } from './series.ts';
import { placeColumns, queryThings, thingsOf } from './things.ts';
import { queryTop } from './top.ts';
import { queryTotals } from './totals.ts';
import { queryZones, zoneColumns } from './zones.ts';

/** What the shapes know of the city beside its rows. */
export interface QueriesOptions {
  /** Divisions that areas may name. Default: none. */
  readonly divisions?: readonly Division[];
}

/** The query shapes over one store. */
export function createQueries(store: Store, options: QueriesOptions = {}): Queries {
  const divisions = new Map((options.divisions ?? []).map((division) => [division.code, division]));
  const internals = internalsOf(store);
  const { state, clock } = internals;
  const scope = (access: Access) => new Scope(access, state);
  const figures = new FigureEngine(internals);
  return {
    zones: async (access, query) => queryZones(internals, scope(access), query, divisions),
    things: async (access, query) => queryThings(internals, scope(access), divisions, query),
    series: async (access, { area, ...query }) =>
      area === undefined
        ? querySeries(internals, scope(access), query)
        : queryAreaSeries(internals, scope(access), divisions, { ...query, area }),
    latest: async (access, query) => queryLatest(internals, scope(access), divisions, query),
    count: async (access, query) => queryCount(internals, scope(access), divisions, query),
    cube: async (access, query) => queryCube(internals, scope(access), divisions, query),
    compare: async (access, query) => queryCompare(internals, scope(access), divisions, query),
    top: async (access, query) => queryTop(internals, scope(access), divisions, query),
    inside: async (access, query) => queryInside(internals, scope(access), divisions, query),
    events: async (access, query) => queryEvents(internals, scope(access), divisions, query),
    features: async (access, query) => queryFeatures(internals, scope(access), divisions, query),
    nearest: async (access, query) => queryNearest(internals, scope(access), query),
    zoneDossier: async (access, query) => queryDossier(internals, scope(access), query),
    totals: async (access, query) => queryTotals(internals, scope(access), query),
    accounts: async (access, query = {}) => queryAccounts(state, scope(access), query),
    corrections: async (access, query) => queryCorrections(internals, scope(access), query),
    rejections: async (access, query) => queryRejections(internals, scope(access), query),
    figures: (access, query) => figures.figures(scope(access), query),
    indicators: () => figures.cards,
    datasets: (access) => datasetAnswers(state, scope(access)),
    properties: (access) => propertyAnswers(state, scope(access)),
    feeds: (access) => feedStatuses(state, scope(access), clock()),
    refusedLastHour: (access) => {
      const visible = scope(access);
      return visible.area === null ? state.recentRejections.lastHour(clock(), (id) => visible.allows(id)) : 0;
    },
    zoneColumns: (access, query) => zoneColumns(internals, scope(access), query),
    places: (access) => placeColumns(state, scope(access)),
    placesIn: (access, delta) => placeColumns(state, scope(access), thingsOf(state, delta)),
    eventsIn: (access, delta) => {
      const visible = scope(access);
      return delta.events.map((event) => visible.event(event)).filter((event) => event !== null);
    },
    propertiesIn: (access, delta) => {
      const visible = scope(access);
      const properties = new Set<string>();
      for (const id of delta.latest.datastream) {
        const stream = state.dictionary.datastream(id);
        if (stream !== undefined && visible.allows(stream.dataset)) properties.add(stream.property);
      }
      return properties;
    },
  };
}
