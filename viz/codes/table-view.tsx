import { type DragEvent, type ReactElement, useEffect } from 'react';
import { type Store, useStore } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import type { CityAnswer, SessionAnswer } from '../schema/api.ts';
import type { CodesState } from './codes-state.ts';
import { type CodingDesk, shownJob } from './coding-desk.ts';
import { isUnderWay } from './coding-job.ts';
import { JobList } from './job-list.tsx';
import { JobView } from './job-view.tsx';
import { TableForm } from './table-form.tsx';
import { ViewSwitch } from './view-switch.tsx';

/** How long the server keeps a file, hours. */
const KEPT_HOURS = 24;
/** Roles that may bring files; the server has the last word. */
const MAY_CODE: readonly string[] = ['admin', 'operator', 'analyst', 'officer'];

/** A whole table is brought, coded by the server, and fetched again. */
export function TableView({
  city,
  session,
  state,
  desk,
}: {
  readonly city: CityAnswer;
  readonly session: SessionAnswer;
  readonly state: Store<CodesState>;
  readonly desk: CodingDesk;
}): ReactElement {
  const t = useText();
  const may = !session.kiosk && MAY_CODE.includes(session.role);
  useEffect(() => (may ? desk.watch() : undefined), [desk, may]);
  useStayWhileSending(desk);
  return (
    <>
      <aside className="rail rail-left">
        <ViewSwitch state={state} />
        {may ? (
          <TableForm city={city} state={state} desk={desk} />
        ) : (
          <div className="panel">
            <p className="codes-problem" data-testid="may-not">
              {session.kiosk ? t.coding.seat : t.coding.role(t.role[session.role] ?? session.role)}
            </p>
          </div>
        )}
      </aside>
      <main className="stage job-stage" onDragOver={keepPage} onDrop={may ? dropOn(desk) : keepPage}>
        <ShownJob desk={desk} timezone={city.timezone} />
      </main>
      <aside className="rail rail-right">{may ? <JobList desk={desk} /> : null}</aside>
      <footer className="strip codes-strip">{t.coding.strip(KEPT_HOURS)}</footer>
    </>
  );
}

function ShownJob({
  desk,
  timezone,
}: {
  readonly desk: CodingDesk;
  readonly timezone: string;
}): ReactElement {
  const t = useText();
  const all = useStore(desk.state);
  const job = shownJob(all);
  if (job === null)
    return (
      <div className="job-none">
        <h2>{t.coding.title}</h2>
        <p>{t.coding.none}</p>
      </div>
    );
  const ahead = (all.jobs ?? []).filter((each) => isUnderWay(each) && each.createdAt < job.createdAt).length;
  return (
    <JobView
      job={job}
      ahead={ahead}
      timezone={timezone}
      desk={desk}
      hasFile={all.ofFile === job.id && all.file !== null}
    />
  );
}

/** A file dropped beside the field does not take the place of the page. */
function keepPage(event: DragEvent): void {
  event.preventDefault();
}

function dropOn(desk: CodingDesk): (event: DragEvent) => void {
  return (event) => {
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    if (file && desk.state.get().sent === null) desk.choose(file);
  };
}

/** Asks before the page is left with a file half sent. */
function useStayWhileSending(desk: CodingDesk): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => {
      if (desk.state.get().sent !== null) event.preventDefault();
    };
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [desk]);
}
