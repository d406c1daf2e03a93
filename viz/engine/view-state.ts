/** What the person chose to see: in the address, so that a link shows the same. */
import type { Lang } from './format.ts';
import type { GridId } from './grids.ts';
import { createStore, type Store } from './store.ts';

export interface ViewState {
  readonly lang: Lang;
  readonly theme: 'dark' | 'light';
  readonly dggrs: GridId;
  /** Zone layer by id; null: none drawn; '' until the board is known. */
  readonly zoneLayer: string | null;
  /** Layers switched away from what the board declares. */
  readonly toggled: ReadonlySet<string>;
  readonly selected: { readonly dggrs: GridId; readonly id: string } | null;
  readonly event: string | null;
  readonly table: boolean;
  readonly help: boolean;
}

/** Reads the parts of the address that name a view; anything not understood is left at its default. */
export function readAddress(
  search: string,
  defaults: Pick<ViewState, 'lang' | 'dggrs' | 'zoneLayer'>,
): ViewState {
  const q = new URLSearchParams(search);
  const grid = q.get('grid');
  const zone = /^(h3|beidou2d)\/([0-9A-Za-z]{1,24})$/.exec(q.get('zone') ?? '');
  const layer = q.get('layer');
  return {
    lang: defaults.lang,
    theme: q.get('theme') === 'light' ? 'light' : 'dark',
    dggrs: grid === 'h3' || grid === 'beidou2d' ? grid : defaults.dggrs,
    zoneLayer: layer === 'none' ? null : (layer ?? defaults.zoneLayer),
    toggled: new Set(q.get('toggle')?.split(',').filter(Boolean) ?? []),
    selected: zone ? { dggrs: zone[1] as GridId, id: zone[2] as string } : null,
    event: null,
    table: q.get('table') === '1',
    help: false,
  };
}

/** The address of a view; parameters it does not know (a tool's own) stay as they were. */
export function writeAddress(view: ViewState, search: string): string {
  const q = new URLSearchParams(search);
  const put = (name: string, value: string | null): void =>
    value === null ? q.delete(name) : q.set(name, value);
  put('zone', view.selected && `${view.selected.dggrs}/${view.selected.id}`);
  put('lang', view.lang);
  put('grid', view.dggrs);
  put('layer', view.zoneLayer === '' ? null : (view.zoneLayer ?? 'none'));
  put('toggle', view.toggled.size > 0 ? [...view.toggled].sort().join(',') : null);
  put('theme', view.theme === 'light' ? 'light' : null);
  put('table', view.table ? '1' : null);
  return `?${q.toString().replace(/%2F/g, '/').replace(/%2C/g, ',')}`;
}

/** Keeps the address in step with the view. @returns the store. */
export function bindAddress(initial: ViewState): Store<ViewState> {
  const store = createStore(initial);
  store.watch(() => {
    history.replaceState(null, '', writeAddress(store.get(), location.search) + location.hash);
  });
  return store;
}
