/** What the page of codes shows: in the address, so that a link shows the same. */
import { type HeightCoding, isGridError, parseCoordinateReference } from '../../grid/index.ts';
import type { Lang } from '../engine/format.ts';
import { createStore, type Store } from '../engine/store.ts';

export type CodeTab = 'beidou2d' | 'beidou3d' | 'h3';
export const CODE_TABS: readonly CodeTab[] = ['beidou2d', 'beidou3d', 'h3'];

/** A place on the map, or a table that is coded by the server. */
export type CodesView = 'place' | 'table';
export const CODES_VIEWS: readonly CodesView[] = ['place', 'table'];

export interface CodesState {
  readonly view: CodesView;
  readonly lang: Lang;
  readonly theme: 'dark' | 'light';
  /** CGCS2000 degrees and ellipsoidal metres; null until a place is chosen. */
  readonly place: { readonly lonDeg: number; readonly latDeg: number } | null;
  readonly heightM: number;
  readonly coding: HeightCoding;
  /** How typed coordinates are read: an id of `parseCoordinateReference`. */
  readonly reference: string;
  readonly tab: CodeTab;
  readonly level: Readonly<Record<CodeTab, number>>;
}

/** Levels shown first: a street corner in each grid. */
const FIRST_LEVELS: Readonly<Record<CodeTab, number>> = { beidou2d: 6, beidou3d: 7, h3: 10 };

/** Reads the address; anything not understood is left at its default. */
export function readCodesAddress(search: string, lang: Lang): CodesState {
  const q = new URLSearchParams(search);
  const [lonDeg, latDeg] = (q.get('at') ?? '').split(',').map(Number);
  const known =
    lonDeg !== undefined && latDeg !== undefined && Math.abs(lonDeg) <= 180 && Math.abs(latDeg) <= 90;
  const height = q.get('height');
  const tab = CODE_TABS.find((id) => id === q.get('tab')) ?? 'beidou2d';
  const level = Number(q.get('level') ?? Number.NaN);
  const [min, max] = tab === 'h3' ? [0, 15] : [1, 10];
  return {
    view: CODES_VIEWS.find((id) => id === q.get('view')) ?? 'place',
    lang,
    theme: q.get('theme') === 'light' ? 'light' : 'dark',
    place: known && q.get('at') !== '' ? { lonDeg, latDeg } : null,
    heightM: height !== null && height !== '' && Number.isFinite(Number(height)) ? Number(height) : 0,
    coding: q.get('coding') === 'clause6' ? 'clause6' : 'annexC',
    reference: isReference(q.get('reference')) ? q.get('reference')! : 'cgcs2000',
    tab,
    level:
      Number.isInteger(level) && level >= min && level <= max
        ? { ...FIRST_LEVELS, [tab]: level }
        : FIRST_LEVELS,
  };
}

function isReference(text: string | null): boolean {
  if (text === null) return false;
  try {
    parseCoordinateReference(text);
    return true;
  } catch (error) {
    if (isGridError(error)) return false;
    throw error;
  }
}

export function writeCodesAddress(state: CodesState, search: string): string {
  const q = new URLSearchParams(search);
  const put = (name: string, value: string | null): void =>
    value === null ? q.delete(name) : q.set(name, value);
  put('view', state.view === 'place' ? null : state.view);
  put('at', state.place && `${trimmed(state.place.lonDeg)},${trimmed(state.place.latDeg)}`);
  put('height', state.heightM === 0 ? null : String(state.heightM));
  put('coding', state.coding === 'annexC' ? null : state.coding);
  put('reference', state.reference === 'cgcs2000' ? null : state.reference);
  put('tab', state.tab);
  put('level', String(state.level[state.tab]));
  put('lang', state.lang);
  put('theme', state.theme === 'light' ? 'light' : null);
  return `?${q.toString().replace(/%2C/g, ',')}`;
}

/** Eleven decimals: a micrometre, finer than the finest cell. */
function trimmed(degrees: number): string {
  return String(Number(degrees.toFixed(11)));
}

/** Keeps the address in step with the state. */
export function bindCodesAddress(initial: CodesState): Store<CodesState> {
  const store = createStore(initial);
  store.watch(() => {
    history.replaceState(null, '', writeCodesAddress(store.get(), location.search) + location.hash);
  });
  return store;
}
