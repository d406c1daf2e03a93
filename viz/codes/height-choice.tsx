import type { ReactElement } from 'react';
import { useText } from '../i18n/index.ts';
import { type CodingForm, type HeightAbove, isSolid, needsHeight } from './coding-request.ts';

/** What heights are above, and how the digits of height are made: asked only where a 3D code is. */
export function HeightChoice({
  form,
  onForm,
}: {
  readonly form: CodingForm;
  readonly onForm: (form: CodingForm) => void;
}): ReactElement | null {
  const t = useText();
  const { heightAbove, heightOffset, heightCoding } = form;
  if (!isSolid(form)) return null;
  return (
    <>
      {needsHeight(form) ? (
        <label>
          {t.coding.heightAbove}
          <select
            value={heightAbove}
            onChange={(e) => onForm({ ...form, heightAbove: e.target.value as HeightAbove })}
            data-testid="height-above"
          >
            {Object.entries(t.coding.heightChoices).map(([id, name]) => (
              <option key={id} value={id} disabled={id === ''}>
                {name}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      {needsHeight(form) && (heightAbove === 'sea-level' || heightAbove === 'ground') ? (
        <div>
          <label>
            {t.coding.offset[heightAbove]}
            <input
              inputMode="decimal"
              value={heightOffset}
              onChange={(e) => onForm({ ...form, heightOffset: e.target.value })}
              aria-describedby="offset-hint"
              data-testid="height-offset"
            />
          </label>
          <p className="codes-hint" id="offset-hint">
            {t.coding.offsetHint[heightAbove]}
          </p>
        </div>
      ) : null}
      <label>
        {t.codes.coding}
        <select
          value={heightCoding}
          onChange={(e) =>
            onForm({ ...form, heightCoding: e.target.value === 'clause6' ? 'clause6' : 'annexC' })
          }
          data-testid="height-coding"
        >
          {Object.entries(t.codes.codings).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
