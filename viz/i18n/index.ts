import { createContext, useContext } from 'react';
import type { Lang } from '../engine/format.ts';
import { type Dictionary, en } from './en.ts';
import { zh } from './zh.ts';

export type { Dictionary } from './en.ts';

export const DICTIONARIES: Readonly<Record<Lang, Dictionary>> = { en, zh };

/** The dictionary in force; the app's root provides it. */
export const DictionaryContext = createContext<Dictionary>(en);

export const useText = (): Dictionary => useContext(DictionaryContext);

const STORED = 'jingwei.lang';

/** Language from the address, else the stored choice, else the browser's first Chinese or English, else Chinese. */
export function firstLanguage(search: string, stored: string | null, browser: readonly string[]): Lang {
  const asked = new URLSearchParams(search).get('lang') ?? stored;
  if (asked === 'en' || asked === 'zh') return asked;
  for (const tag of browser) {
    if (tag.toLowerCase().startsWith('zh')) return 'zh';
    if (tag.toLowerCase().startsWith('en')) return 'en';
  }
  return 'zh';
}

/** The stored choice; null where storage is closed (private windows, kiosks). */
export function storedLanguage(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

export function storeLanguage(lang: Lang): void {
  try {
    localStorage.setItem(STORED, lang);
  } catch {
    // Nothing to remember it in: the address still carries it.
  }
}
