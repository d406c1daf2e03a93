import { type ReactElement, useEffect, useRef } from 'react';
import type { Store } from '../engine/store.ts';
import type { ViewState } from '../engine/view-state.ts';
import { storeLanguage, useText } from '../i18n/index.ts';

/** The keys of the board: one letter each, never while something is typed. */
export function useKeys(view: Store<ViewState>, camera: (move: 'in' | 'out' | 'home') => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.closest('input, textarea, select')) return;
      const act = ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (act) view.set(act);
      else if (event.key === '+' || event.key === '=') camera('in');
      else if (event.key === '-') camera('out');
      else if (event.key === '0') camera('home');
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [view, camera]);
}

const ACTIONS: Readonly<Record<string, (v: ViewState) => ViewState>> = {
  '?': (v) => ({ ...v, help: !v.help }),
  Escape: (v) =>
    v.help
      ? { ...v, help: false }
      : v.selected
        ? { ...v, selected: null }
        : v.table
          ? { ...v, table: false }
          : { ...v, event: null },
  t: (v) => ({ ...v, table: !v.table }),
  g: (v) => ({ ...v, dggrs: v.dggrs === 'h3' ? 'beidou2d' : 'h3', selected: null }),
  l: (v) => {
    const lang = v.lang === 'en' ? 'zh' : 'en';
    storeLanguage(lang);
    return { ...v, lang };
  },
  d: (v) => ({ ...v, theme: v.theme === 'dark' ? 'light' : 'dark' }),
};

export function KeysHelp({ onClose }: { readonly onClose: () => void }): ReactElement {
  const t = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const rows: readonly (readonly [string, string])[] = [
    [t.keys.tab, t.keys.move],
    ['Esc', t.keys.close],
    ['T', t.keys.table],
    ['G', t.keys.grid],
    ['L', t.keys.language],
    ['D', t.keys.theme],
    ['+  −', t.keys.zoom],
    ['0', t.keys.home],
    [t.keys.arrows, t.keys.pan],
    ['?', t.keys.help],
  ];
  return (
    <dialog ref={dialog} className="keys" onClose={onClose} aria-label={t.keys.title}>
      <h2>{t.keys.title}</h2>
      <dl>
        {rows.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" className="quiet">
          {t.dossier.close}
        </button>
      </form>
    </dialog>
  );
}
