import { createElement, type ReactElement, useCallback, useEffect, useMemo, useRef } from 'react';
import { type Desk, lostAtOf } from '../engine/desk.ts';
import type { MapStage } from '../engine/map-stage.ts';
import { type Store, useSelect, useStore } from '../engine/store.ts';
import type { ViewState } from '../engine/view-state.ts';
import { Dossier } from '../panels/dossier.tsx';
import { PANELS, type PanelProps } from '../registry.ts';
import type { CityAnswer, SessionAnswer } from '../schema/api.ts';
import type { BoardDeclaration, PanelDeclaration } from '../schema/board.ts';
import { BoardContext, type BoardContextValue } from './board-context.ts';
import { KeysHelp, useKeys } from './keys.tsx';
import { LostBanner } from './lost-banner.tsx';
import { flightMs, goHome } from './map-tools.tsx';
import { MapView } from './map-view.tsx';
import { StatusStrip } from './status-strip.tsx';
import { TopBar } from './top-bar.tsx';

/** One board: top bar, rails around the map, status strip; the frame all boards share. */
export function Board({
  desk,
  view,
  city,
  board,
  session,
}: {
  readonly desk: Desk;
  readonly view: Store<ViewState>;
  readonly city: CityAnswer;
  readonly board: BoardDeclaration;
  readonly session: SessionAnswer;
}): ReactElement {
  const stage = useRef<MapStage | null>(null);
  const chosen = useStore(view);
  const lostAt = useSelect(desk.link, lostAtOf);
  const context = useMemo<BoardContextValue>(
    () => ({
      desk,
      view,
      city,
      board,
      session,
      flyTo: (lonLat, minZoom) => {
        const map = stage.current?.map;
        map?.easeTo({
          center: [lonLat[0], lonLat[1]],
          zoom: Math.max(map.getZoom(), minZoom),
          duration: flightMs(),
        });
      },
    }),
    [desk, view, city, board, session],
  );
  const camera = useCallback(
    (move: 'in' | 'out' | 'home') => {
      const map = stage.current?.map;
      if (!map) return;
      if (move === 'home') goHome(map, city.bounds);
      else if (move === 'in') map.zoomIn({ duration: flightMs() });
      else map.zoomOut({ duration: flightMs() });
    },
    [city],
  );
  useKeys(view, camera);
  const opener = useRef<Element | null>(null);
  const selectedId = chosen.selected?.id ?? null;
  useEffect(() => {
    // Closing the dossier gives the focus back to where it was opened from.
    if (selectedId !== null) opener.current ??= document.activeElement;
    else if (opener.current instanceof HTMLElement) {
      if (document.activeElement === document.body) opener.current.focus();
      opener.current = null;
    }
  }, [selectedId]);
  return (
    <BoardContext value={context}>
      <div className={`board${lostAt === null ? '' : ' is-lost'}`}>
        <TopBar />
        <LostBanner desk={desk} />
        <aside className="rail rail-left">
          {board.left.map((panel) => (
            <Panel key={panel.id} panel={panel} desk={desk} view={view} />
          ))}
        </aside>
        <main className="stage">
          <MapView
            onStage={(opened) => {
              stage.current = opened;
            }}
          />
        </main>
        <aside className="rail rail-right">
          {board.right.map((panel) => (
            <Panel key={panel.id} panel={panel} desk={desk} view={view} />
          ))}
          {chosen.selected ? (
            <Dossier
              key={`${chosen.selected.dggrs}/${chosen.selected.id}`}
              {...chosen.selected}
              onClose={() => view.set((v) => ({ ...v, selected: null }))}
            />
          ) : null}
        </aside>
        <StatusStrip />
        {/* Spoken at once, and kept for alarms alone: everything else on the board is read when wanted. */}
        <div className="visually-hidden" role="alert" aria-live="assertive" />
        {chosen.help ? <KeysHelp onClose={() => view.set((v) => ({ ...v, help: false }))} /> : null}
      </div>
    </BoardContext>
  );
}

/** The one place where a panel's `type` picks its component. */
function Panel<T extends PanelDeclaration['type']>(props: PanelProps<T>): ReactElement {
  const Component = PANELS[props.panel.type as T];
  return createElement(Component, props);
}
