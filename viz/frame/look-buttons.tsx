import type { ReactElement } from 'react';
import type { Lang } from '../engine/format.ts';
import type { Store } from '../engine/store.ts';
import { storeLanguage, useText } from '../i18n/index.ts';
import { Glyph } from './glyphs.tsx';

/** What every page's state says of its look. */
interface Look {
  readonly lang: Lang;
  readonly theme: 'dark' | 'light';
}

/** The other language, and the other theme: the same on every page. */
export function LookButtons<S extends Look>({ state }: { readonly state: Store<S> }): ReactElement {
  const t = useText();
  return (
    <>
      <button
        type="button"
        className="quiet"
        aria-label={t.top.language}
        data-testid="language"
        onClick={() => {
          const lang = t.lang === 'en' ? 'zh' : 'en';
          storeLanguage(lang);
          state.set((s) => ({ ...s, lang }));
        }}
      >
        {t.otherLanguage}
      </button>
      <button
        type="button"
        className="quiet icon"
        aria-label={t.top.theme}
        title={t.top.theme}
        onClick={() => state.set((s) => ({ ...s, theme: s.theme === 'dark' ? 'light' : 'dark' }))}
      >
        <Glyph name="sun" />
      </button>
    </>
  );
}
