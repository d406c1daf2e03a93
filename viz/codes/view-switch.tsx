import type { ReactElement } from 'react';
import { type Store, useStore } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import { CODES_VIEWS, type CodesState } from './codes-state.ts';

/** A place or a table: the two views of the page. */
export function ViewSwitch({ state }: { readonly state: Store<CodesState> }): ReactElement {
  const t = useText();
  const { view } = useStore(state);
  return (
    <fieldset className="segments view-switch">
      <legend className="visually-hidden">{t.coding.view}</legend>
      {CODES_VIEWS.map((id) => (
        <button
          key={id}
          type="button"
          aria-pressed={view === id}
          onClick={() => state.set((s) => ({ ...s, view: id }))}
          data-testid={`view-${id}`}
        >
          {t.coding.views[id]}
        </button>
      ))}
    </fieldset>
  );
}
