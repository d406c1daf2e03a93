/** A value that can be watched: the one kind of state outside components. */
import { useSyncExternalStore } from 'react';

export interface Store<T> {
  get(): T;
  /** Sets the value, or derives it from the one before. Watchers hear of it only when it changed (`Object.is`). */
  set(next: T | ((before: T) => T)): void;
  /** @returns Ends the watch. */
  watch(listener: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      const after = typeof next === 'function' ? (next as (before: T) => T)(value) : next;
      if (Object.is(after, value)) return;
      value = after;
      for (const listener of [...listeners]) listener();
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * A part of the store's value: the component renders again only when that part changed.
 *
 * @param select - Pure; must give the same object for the same part.
 */
export function useSelect<T, P>(store: Store<T>, select: (value: T) => P): P {
  const read = (): P => select(store.get());
  return useSyncExternalStore(store.watch, read, read);
}

/** The store's value, rendered again when it changes. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.watch, store.get, store.get);
}
