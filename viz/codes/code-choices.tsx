import type { ReactElement } from 'react';
import { Glyph } from '../frame/glyphs.tsx';
import { useText } from '../i18n/index.ts';
import {
  CODING_GRIDS,
  type CodingForm,
  type CodingGrid,
  freeLevels,
  MAX_CODES,
  withChoice,
  withCode,
} from './coding-request.ts';

/** The codes a table is to get: a row each, grid and level. */
export function CodeChoices({
  form,
  onForm,
}: {
  readonly form: CodingForm;
  readonly onForm: (form: CodingForm) => void;
}): ReactElement {
  const t = useText();
  return (
    <fieldset className="code-choices">
      <legend>{t.coding.codes}</legend>
      {form.codes.map(({ dggrs, level }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the list; it has no state of its own.
        <div key={i} data-testid="code-choice">
          <select
            aria-label={t.coding.grid}
            value={dggrs}
            onChange={(e) => onForm(withChoice(form, i, { dggrs: e.target.value as CodingGrid, level }))}
          >
            {CODING_GRIDS.map((id) => (
              <option key={id} value={id}>
                {t.codes.tabs[id]}
              </option>
            ))}
          </select>
          <select
            aria-label={t.coding.level}
            value={level}
            onChange={(e) => onForm(withChoice(form, i, { dggrs, level: Number(e.target.value) }))}
          >
            {freeLevels(form.codes, dggrs, i).map((each) => (
              <option key={each} value={each}>
                {t.map.level(each)}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="quiet icon"
            aria-label={t.coding.remove(`${t.codes.tabs[dggrs]} ${level}`)}
            title={t.coding.remove(`${t.codes.tabs[dggrs]} ${level}`)}
            disabled={form.codes.length === 1}
            onClick={() => onForm({ ...form, codes: form.codes.filter((_, n) => n !== i) })}
          >
            <Glyph name="close" />
          </button>
        </div>
      ))}
      {form.codes.length < MAX_CODES ? (
        <button
          type="button"
          className="quiet code-add"
          onClick={() => onForm(withCode(form))}
          data-testid="code-add"
        >
          <Glyph name="plus" /> {t.coding.add}
        </button>
      ) : null}
    </fieldset>
  );
}

/** The grid whose codes a table holds. */
export function DecodedGrid({
  form,
  onForm,
}: {
  readonly form: CodingForm;
  readonly onForm: (form: CodingForm) => void;
}): ReactElement {
  const t = useText();
  return (
    <label>
      {t.coding.decodes}
      <select
        value={form.decodes}
        onChange={(e) => onForm({ ...form, decodes: e.target.value as CodingGrid })}
        data-testid="decodes"
      >
        {CODING_GRIDS.map((id) => (
          <option key={id} value={id}>
            {t.codes.tabs[id]}
          </option>
        ))}
      </select>
    </label>
  );
}
