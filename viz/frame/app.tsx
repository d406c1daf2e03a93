import { type ReactElement, useEffect, useState } from 'react';
import type { Desk } from '../engine/desk.ts';
import { type Store, useStore } from '../engine/store.ts';
import { readAddress, type ViewState } from '../engine/view-state.ts';
import { DICTIONARIES, DictionaryContext, storeLanguage, useText } from '../i18n/index.ts';
import { Board } from './board.tsx';
import { Login } from './login.tsx';

/** What there is before, instead of and around a board. */
export function App({
  desk,
  view,
  boardId,
}: {
  readonly desk: Desk;
  readonly view: Store<ViewState>;
  readonly boardId: string;
}): ReactElement {
  const phase = useStore(desk.phase);
  const { lang, theme } = useStore(view);
  useEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
    document.documentElement.dataset.theme = theme;
  }, [lang, theme]);
  useEffect(() => {
    if (phase.name !== 'ready') return;
    document.title = `${phase.city.name[lang]} · ${phase.board.title[lang]}`;
  }, [phase, lang]);
  const other = (): void => {
    const next = lang === 'en' ? 'zh' : 'en';
    storeLanguage(next);
    view.set((v) => ({ ...v, lang: next }));
  };
  return (
    <DictionaryContext value={DICTIONARIES[lang]}>
      {phase.name === 'loading' ? <Loading /> : null}
      {phase.name === 'signed-out' ? <Login onDone={() => desk.start(boardId)} onLanguage={other} /> : null}
      {phase.name === 'failed' ? <Failed code={phase.code} onRetry={() => desk.start(boardId)} /> : null}
      {phase.name === 'ready' ? (
        <Board desk={desk} view={view} city={phase.city} board={phase.board} session={phase.session} />
      ) : null}
    </DictionaryContext>
  );
}

/** The frame without content, after a moment in which most loads are done. */
function Loading(): ReactElement | null {
  const t = useText();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div className="board loading" aria-busy="true">
      <p className="visually-hidden">{t.stateLong.loading}</p>
      <div className="top-bar" />
      <div className="rail rail-left">
        <span className="skeleton-bar" />
        <span className="skeleton-bar" />
        <span className="skeleton-bar" />
      </div>
      <div className="stage" />
      <div className="rail rail-right">
        <span className="skeleton-bar" />
        <span className="skeleton-bar" />
      </div>
      <div className="strip" />
    </div>
  );
}

function Failed({ code, onRetry }: { readonly code: string; readonly onRetry: () => void }): ReactElement {
  const t = useText();
  return (
    <main className="login">
      <div className="login-card" role="status">
        <p className="login-title">{t.failed.title}</p>
        <p>{code === 'refused' ? t.failed.refused : t.failed.unreachable}</p>
        <button type="button" className="primary" onClick={onRetry}>
          {t.failed.retry}
        </button>
      </div>
    </main>
  );
}

/** Fills what the address leaves open from the board, once it is known. */
export function adoptBoard(desk: Desk, view: Store<ViewState>): void {
  let adopted = false;
  const adopt = (): void => {
    const phase = desk.phase.get();
    if (adopted || phase.name !== 'ready') return;
    adopted = true;
    const { map } = phase.board;
    const fills = map.layers.filter((l) => l.type === 'zone-fill');
    const first = fills.find((l) => l.visible) ?? null;
    const read = readAddress(location.search, {
      lang: view.get().lang,
      dggrs: map.dggrs,
      zoneLayer: first?.id ?? null,
    });
    const known = read.zoneLayer === null || fills.some((l) => l.id === read.zoneLayer);
    view.set({ ...read, zoneLayer: known ? read.zoneLayer : (first?.id ?? null) });
  };
  desk.phase.watch(adopt);
  adopt();
}
