import { type ReactElement, useCallback, useEffect, useState } from 'react';
import { ApiError, getJson } from '../engine/api-client.ts';
import { type County, readCounties } from '../engine/county.ts';
import { type Store, useStore } from '../engine/store.ts';
import { Login } from '../frame/login.tsx';
import { DICTIONARIES, DictionaryContext, storeLanguage, useText } from '../i18n/index.ts';
import type { CityAnswer } from '../schema/api.ts';
import { CodesPage } from './codes-page.tsx';
import type { CodesState } from './codes-state.ts';

type Phase =
  | { readonly name: 'loading' | 'signed-out' | 'failed' }
  | { readonly name: 'ready'; readonly city: CityAnswer; readonly counties: readonly County[] };

/** Signs in, reads the city, and shows the page. */
export function CodesApp({ state }: { readonly state: Store<CodesState> }): ReactElement | null {
  const { lang, theme } = useStore(state);
  const [phase, setPhase] = useState<Phase>({ name: 'loading' });
  const load = useCallback(async (): Promise<void> => {
    try {
      const city = await getJson<CityAnswer>('api/v1/city');
      setPhase({ name: 'ready', city, counties: readCounties(city.outlines) });
    } catch (error) {
      setPhase({ name: error instanceof ApiError && error.code === 'signed-out' ? 'signed-out' : 'failed' });
    }
  }, []);
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
      {phase.name === 'failed' ? <Failed onRetry={() => void load()} /> : null}
      {phase.name === 'ready' ? (
        <CodesPage city={phase.city} counties={phase.counties} state={state} />
      ) : null}
    </DictionaryContext>
  );
}

function Failed({ onRetry }: { readonly onRetry: () => void }): ReactElement {
  const t = useText();
  return (
    <main className="login">
      <div className="login-card" role="status">
        <p className="login-title">{t.failed.title}</p>
        <p>{t.failed.unreachable}</p>
        <button type="button" className="primary" onClick={onRetry}>
          {t.failed.retry}
        </button>
      </div>
    </main>
  );
}
