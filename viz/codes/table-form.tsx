import { type FormEvent, type ReactElement, useEffect, useState } from 'react';
import { type Store, useStore } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import type { CityAnswer } from '../schema/api.ts';
import { CodeChoices, DecodedGrid } from './code-choices.tsx';
import type { CodesState } from './codes-state.ts';
import type { CodingDesk } from './coding-desk.ts';
import { wantsColumns } from './coding-job.ts';
import { type CodingForm, type FormProblem, partsOf, problemOf } from './coding-request.ts';
import { ColumnNames } from './column-names.tsx';
import { FileDrop } from './file-drop.tsx';
import { HeightChoice } from './height-choice.tsx';
import { ProgressBar, shareText } from './progress-bar.tsx';
import { ReferenceSelect } from './reference-select.tsx';
import { Told } from './told.tsx';

/** A file and what is to be done with it. */
export function TableForm({
  city,
  state,
  desk,
}: {
  readonly city: CityAnswer;
  readonly state: Store<CodesState>;
  readonly desk: CodingDesk;
}): ReactElement {
  const t = useText();
  const { form, file, names, sent, problem, jobs, ofFile } = useStore(desk.state);
  const { reference } = useStore(state);
  const [missing, setMissing] = useState<FormProblem | null>(null);
  const current = problemOf(form, file);
  useEffect(() => {
    // What was missing is there now: the sentence goes.
    setMissing((before) => (before === current ? before : null));
  }, [current]);
  const busy = sent !== null;
  const wanted = wantsColumns(jobs?.find(({ id }) => id === ofFile) ?? null);
  const onForm = (next: CodingForm): void => desk.change(next);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setMissing(current);
    if (current === null) void desk.send(reference);
  };
  const encodes = form.direction === 'encode';
  const parts = partsOf(form, file?.name ?? '');
  // Asked for, they stand right below the file.
  const columns = <ColumnNames form={form} parts={parts} names={names} wanted={wanted} onForm={onForm} />;
  return (
    <form className="panel codes-form table-form" onSubmit={submit} data-testid="table-form">
      <FileDrop file={file} disabled={busy} onFile={desk.choose} />
      {wanted ? columns : null}
      <fieldset className="segments">
        <legend className="visually-hidden">{t.coding.direction}</legend>
        {(['encode', 'decode'] as const).map((direction) => (
          <button
            key={direction}
            type="button"
            aria-pressed={form.direction === direction}
            onClick={() => desk.change({ direction })}
            data-testid={`direction-${direction}`}
          >
            {t.coding.directions[direction]}
          </button>
        ))}
      </fieldset>
      {encodes ? (
        <>
          <CodeChoices form={form} onForm={onForm} />
          <ReferenceSelect city={city} state={state} />
        </>
      ) : (
        <DecodedGrid form={form} onForm={onForm} />
      )}
      <HeightChoice form={form} onForm={onForm} />
      {wanted ? null : columns}
      {busy ? (
        <div className="coding-sending">
          <ProgressBar share={sent} label={t.coding.sending(shareText(sent))} />
          <button type="button" className="quiet" onClick={desk.cancelUpload}>
            {t.coding.cancel}
          </button>
        </div>
      ) : (
        <button type="submit" className="primary" data-testid="start">
          {wanted ? t.coding.again : encodes ? t.coding.start : t.coding.startDecode}
        </button>
      )}
      <div aria-live="polite" data-testid="form-note">
        {missing === null ? null : <p className="codes-problem">{t.coding.missing[missing]}</p>}
        {problem === null ? null : <Told problem={problem} />}
      </div>
    </form>
  );
}
