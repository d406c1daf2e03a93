/** UCUM codes as people write them. */
const WRITTEN: Readonly<Record<string, { readonly en: string; readonly zh: string }>> = {
  'ug/m3': { en: 'µg/m³', zh: 'µg/m³' },
  'mg/m3': { en: 'mg/m³', zh: 'mg/m³' },
  'm3/s': { en: 'm³/s', zh: 'm³/s' },
  Cel: { en: '°C', zh: '°C' },
  deg: { en: '°', zh: '°' },
  '1': { en: '', zh: '' },
  '{vehicle}': { en: 'vehicles', zh: '辆' },
  '{case}': { en: 'cases', zh: '件' },
  '{event}': { en: 'events', zh: '起' },
  '{detection}': { en: 'detections', zh: '次' },
  '{report}': { en: 'reports', zh: '次' },
  '{feed}': { en: 'feeds', zh: '路' },
  '{thing}': { en: 'devices', zh: '台' },
  '{camera}': { en: 'cameras', zh: '台' },
  '{lamp}': { en: 'lamps', zh: '盏' },
  'dB[SPL]': { en: 'dB', zh: 'dB' },
};

/** @returns The unit to print beside a figure; curly annotations that are not known lose their braces. */
export function writtenUnit(ucum: string, lang: 'en' | 'zh'): string {
  return WRITTEN[ucum]?.[lang] ?? ucum.replace(/[{}]/g, '');
}
