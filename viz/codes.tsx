/** The page of grid codes: one state, one root. */
import './theme/fonts.css';
import './theme/tokens.css';
import './theme/base.css';
import './theme/frame.css';
import './theme/panels.css';
import './theme/codes.css';
import './theme/coding.css';
import { createRoot } from 'react-dom/client';
import { CodesApp } from './codes/codes-app.tsx';
import { bindCodesAddress, readCodesAddress } from './codes/codes-state.ts';
import { firstLanguage, storedLanguage } from './i18n/index.ts';

const lang = firstLanguage(location.search, storedLanguage(), navigator.languages);
const state = bindCodesAddress(readCodesAddress(location.search, lang));
// Before the first paint, so that the page does not flash in the other theme.
document.documentElement.dataset.theme = state.get().theme;
createRoot(document.getElementById('root') as HTMLElement).render(<CodesApp state={state} />);
