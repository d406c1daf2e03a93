/** The boards' page: one desk, one view, one root. */
import './theme/fonts.css';
import './theme/tokens.css';
import './theme/base.css';
import './theme/frame.css';
import './theme/panels.css';
import { createRoot } from 'react-dom/client';
import { createDesk } from './engine/desk.ts';
import { bindAddress, readAddress } from './engine/view-state.ts';
import { App, adoptBoard } from './frame/app.tsx';
import { firstLanguage, storedLanguage } from './i18n/index.ts';

const BOARD = 'overview';

const desk = createDesk();
const view = bindAddress(
  readAddress(location.search, {
    lang: firstLanguage(location.search, storedLanguage(), navigator.languages),
    dggrs: 'h3',
    zoneLayer: '',
  }),
);
// Before the first paint, so that no board flashes in the other theme.
document.documentElement.dataset.theme = view.get().theme;
adoptBoard(desk, view);
desk.start(BOARD);
createRoot(document.getElementById('root') as HTMLElement).render(
  <App desk={desk} view={view} boardId={BOARD} />,
);
