import { type ReactElement, useEffect, useState } from 'react';
import { useText } from '../i18n/index.ts';
import type { CodingForm, ColumnPart } from './coding-request.ts';

/** Names of the columns, for tables whose names do not say what they are; open when the server asks for them. */
export function ColumnNames({
  form,
  parts,
  names,
  wanted,
  onForm,
}: {
  readonly form: CodingForm;
  readonly parts: readonly ColumnPart[];
  /** Columns the file has; empty when they are not known. */
  readonly names: readonly string[];
  readonly wanted: boolean;
  readonly onForm: (form: CodingForm) => void;
}): ReactElement | null {
  const t = useText();
  const [open, setOpen] = useState(wanted);
  useEffect(() => {
    if (wanted) setOpen(true);
  }, [wanted]);
  if (parts.length === 0) return null;
  const put = (part: ColumnPart, name: string): void =>
    onForm({ ...form, columns: { ...form.columns, [part]: name } });
  return (
    <details className="column-names" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{wanted ? t.coding.columnsWanted : t.coding.columns}</summary>
      {wanted ? null : <p className="codes-hint">{t.coding.columnsHint}</p>}
      {parts.map((part) => (
        <label key={part} htmlFor={`column-${part}`}>
          {t.coding.parts[part]}
          {names.length > 0 ? (
            <select
              id={`column-${part}`}
              value={form.columns[part]}
              onChange={(e) => put(part, e.target.value)}
              data-testid={`column-${part}`}
            >
              <option value="">{t.coding.byName}</option>
              {withChosen(names, form.columns[part]).map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          ) : (
            <input
              id={`column-${part}`}
              value={form.columns[part]}
              placeholder={t.coding.byName}
              onChange={(e) => put(part, e.target.value)}
              autoComplete="off"
              spellCheck={false}
              data-testid={`column-${part}`}
            />
          )}
        </label>
      ))}
    </details>
  );
}

/** A name typed before the file's names were known stays a choice. */
function withChosen(names: readonly string[], chosen: string): readonly string[] {
  return chosen === '' || names.includes(chosen) ? [...new Set(names)] : [chosen, ...new Set(names)];
}
