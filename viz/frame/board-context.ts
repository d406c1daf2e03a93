/** What every part of the board may ask for without being handed it. */
import { createContext, useContext } from 'react';
import type { Desk } from '../engine/desk.ts';
import { type Store, useStore } from '../engine/store.ts';
import type { ViewState } from '../engine/view-state.ts';
import { useText } from '../i18n/index.ts';
import type { CityAnswer, LocalText, SessionAnswer } from '../schema/api.ts';
import type { BoardDeclaration } from '../schema/board.ts';

export interface BoardContextValue {
  readonly desk: Desk;
  readonly view: Store<ViewState>;
  readonly city: CityAnswer;
  readonly board: BoardDeclaration;
  readonly session: SessionAnswer;
  /** Moves the map's camera; set once the map stands. */
  readonly flyTo: (lonLat: readonly [number, number], minZoom: number) => void;
}

export const BoardContext = createContext<BoardContextValue | null>(null);

export function useBoard(): BoardContextValue {
  const value = useContext(BoardContext);
  if (!value) throw new Error('useBoard is called outside a board');
  return value;
}

/** Server time, UTC ms, whole seconds: the component renders again each second. */
export function useNow(desk: Desk): number {
  return useStore(desk.clock.seconds) * 1000;
}

/** The text in the language in force. */
export function useLocal(): (text: LocalText) => string {
  const { lang } = useText();
  return (text) => text[lang] || text.en;
}
