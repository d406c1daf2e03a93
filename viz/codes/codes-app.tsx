import { type ReactElement, useCallback, useEffect, useState } from 'react';
import { ApiError, getJson } from '../engine/api-client.ts';
import { type County, readCounties } from '../engine/county.ts';
import { type Store, useStore } from '../engine/store.ts';
import { Login } from '../frame/login.tsx';
import { DICTIONARIES, DictionaryContext, storeLanguage, useText } from '../i18n/index.ts';
import type { CityAnswer, SessionAnswer } from '../schema/api.ts';
import { CodesPage } from './codes-page.tsx';
import type { CodesState } from './codes-state.ts';
import { openCodingDesk } from './coding-desk.ts';

type Phase =
  | { readonly name: 'loading' | 'signed-out' | 'refused' | 'failed' }
  | {
      readonly name: 'ready';
      readonly city: CityAnswer;
      readonly counties: readonly County[];
      readonly session: SessionAnswer;
    };

/** Signs in, reads the city, and shows the page. */
export function CodesApp({ state }: { readonly state: Store<CodesState> }): ReactElement | null {
  const { lang, theme } = useStore(state);
  const [phase, setPhase] = useState<Phase>({ name: 'loading' });
  const load = useCallback(async (): Promise<void> => {
    try {
      const [city, session] = await Promise.all([
        getJson<CityAnswer>('api/v1/city'),
        getJson<SessionAnswer>('api/v1/session'),
      ]);
      setPhase({ name: 'ready', city, counties: readCounties(city.outlines), session });
    } catch (error) {
      const code = error instanceof ApiError ? error.code : 'server';
      setPhase({ name: code === 'signed-out' || code === 'refused' ? code : 'failed' });
    }
  }, []);
  // Outlives a login in between: the form stays filled in.
  const [desk] = useState(() => openCodingDesk(() => setPhase({ name: 'signed-out' })));
  useEffect(() => void load(), [load]);
  useEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
    document.documentElement.dataset.theme = theme;
    document.title = `${DICTIONARIES[lang].codes.title} · Jingwei`;
  }, [lang, theme]);
  const other = (): void => {
    const next = lang === 'en' ? 'zh' : 'en';
    storeLanguage(next);
    state.set((s) => ({ ...s, lang: next }));
  };
  return (
    <DictionaryContext value={DICTIONARIES[lang]}>
      {phase.name === 'signed-out' ? <Login onDone={() => void load()} onLanguage={other} /> : null}
      {phase.name === 'failed' || phase.name === 'refused' ? (
        <Failed refused={phase.name === 'refused'} onRetry={() => void load()} />
      ) : null}
      {phase.name === 'ready' ? (
        <CodesPage
          city={phase.city}
          counties={phase.counties}
          session={phase.session}
          state={state}
          desk={desk}
        />
      ) : null}
    </DictionaryContext>
  );
}

function Failed({
  refused,
  onRetry,
}: {
  readonly refused: boolean;
  readonly onRetry: () => void;
}): ReactElement {
  const t = useText();
  return (
    <main className="login">
      <div className="login-card" role="status">
        <p className="login-title">{t.failed.title}</p>
        <p>{refused ? t.failed.refused : t.failed.unreachable}</p>
        <button type="button" className="primary" onClick={onRetry}>
          {t.failed.retry}
        </button>
      </div>
    </main>
  );
}
