import type { ReactElement } from 'react';
import { type Desk, lostAtOf } from '../engine/desk.ts';
import { duration } from '../engine/format.ts';
import { useSelect } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import { useNow } from './board-context.ts';
import { Glyph } from './glyphs.tsx';

/** Says that the server is lost and since when; gone by itself when it is back. */
export function LostBanner({ desk }: { readonly desk: Desk }): ReactElement | null {
  const t = useText();
  const lostAt = useSelect(desk.link, lostAtOf);
  const now = useNow(desk);
  if (lostAt === null) return null;
  return (
    <div className="lost-banner" role="status" data-testid="lost-banner">
      <Glyph name="link" />
      <span>{t.lostBanner(duration(now - lostAt, t.lang))}</span>
    </div>
  );
}
