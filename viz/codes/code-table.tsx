import { type ReactElement, useEffect, useState } from 'react';
import { copyText } from '../engine/copy-text.ts';
import { areaText, groupedBeidou, type Lang } from '../engine/format.ts';
import { Glyph } from '../frame/glyphs.tsx';
import { useText } from '../i18n/index.ts';
import type { CodeRow } from './codes-at.ts';
import type { CodeTab } from './codes-state.ts';

/** The codes of one grid, a row a level; the row whose zone is on the map is marked. */
export function CodeTable({
  tab,
  rows,
  level,
  onLevel,
}: {
  readonly tab: CodeTab;
  readonly rows: readonly CodeRow[];
  readonly level: number;
  readonly onLevel: (level: number) => void;
}): ReactElement {
  const t = useText();
  const solid = tab === 'beidou3d';
  return (
    <table className="codes-table" data-testid={`codes-${tab}`}>
      <thead>
        <tr>
          <th scope="col">{t.codes.level}</th>
          <th scope="col">{t.codes.code}</th>
          <th scope="col">{solid ? t.codes.layer : t.codes.size}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.level} aria-current={row.level === level || undefined}>
            <th scope="row">
              <button
                type="button"
                className="codes-level"
                aria-label={t.codes.show(row.level)}
                title={t.codes.show(row.level)}
                aria-pressed={row.level === level}
                onClick={() => onLevel(row.level)}
              >
                {row.level}
              </button>
            </th>
            <td className="codes-code">
              {row.code === null ? (
                <span className="codes-none" title={row.refusal ?? undefined}>
                  {t.codes.noZone}
                </span>
              ) : (
                <Code text={row.code} shown={tab === 'beidou2d' ? groupedBeidou(row.code) : row.code} />
              )}
            </td>
            <td className="codes-size">
              {row.code === null ? '—' : solid ? layerText(row, t.lang) : sizeText(row)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A code to read, to select and to copy. */
function Code({ text, shown }: { readonly text: string; readonly shown: string }): ReactElement {
  const t = useText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <code data-code={text}>{shown}</code>
      <button
        type="button"
        className="quiet icon small"
        aria-label={t.codes.copy(text)}
        title={t.codes.copy(text)}
        onClick={() => void copyText(text).then(setCopied)}
      >
        <Glyph name={copied ? 'check' : 'copy'} />
      </button>
    </>
  );
}

function sizeText(row: CodeRow): string {
  return `${metres(row.widthM)} × ${metres(row.heightM)}, ${areaText(row.areaM2)}`;
}

function layerText({ floorM, topM }: CodeRow, _lang: Lang): string {
  if (floorM === null || topM === null) return '—';
  const thick = topM - floorM;
  const digits = thick < 0.1 ? 3 : thick < 10 ? 2 : thick < 1000 ? 1 : 0;
  const signed = (m: number) => m.toFixed(digits).replace('-', '\u2212');
  return `${signed(floorM)} … ${signed(topM)} m`;
}

/** A length in the unit people use for it. */
export function metres(m: number): string {
  if (m < 1) return `${(m * 100).toPrecision(3)} cm`;
  if (m < 1000) return `${m.toPrecision(3)} m`;
  const km = m / 1000;
  return `${km < 1000 ? km.toPrecision(3) : Math.round(km)} km`;
}
