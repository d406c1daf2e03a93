/** A coordinate as tables have it: a number, a text that is one, or degrees, minutes and seconds. */

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** `104°37′34.68″`, `E104°37'34.68"`, `104度37分34.68秒`; minutes and seconds may be left out. */
const DMS =
  /^([EWNS东西南北]?[经纬]?)([+-]?)(\d{1,3}(?:\.\d+)?)[°º度](?:(\d{1,2}(?:\.\d+)?)[′'’分])?(?:(\d{1,2}(?:\.\d+)?)(?:[″"”秒]|''|′′|’’))?([EWNS]?)$/u;

/** The number, NaN where the cell holds none, undefined where it holds nothing. */
export function readNumber(cell: string | number | null | undefined): number | undefined {
  if (typeof cell === 'number') return cell;
  if (cell === null || cell === undefined) return undefined;
  const text = cell.trim();
  if (DECIMAL.test(text)) return Number(text);
  if (text === '') return undefined;
  return readOther(text);
}

/** Full-width digits, a degree sign behind a decimal, or degrees, minutes and seconds. */
function readOther(text: string): number {
  const wide = text.normalize('NFKC');
  // "5 30" is degrees and minutes to one and a thousand to another: none of them is guessed.
  if (/[\d.]\s+[\d.]/.test(wide)) return Number.NaN;
  const plain = wide.replace(/\s/g, '').toUpperCase();
  if (DECIMAL.test(plain)) return Number(plain);
  const parts = DMS.exec(plain);
  if (parts === null) return Number.NaN;
  const [, before = '', sign, degrees, minutes = '0', seconds = '0', after = ''] = parts;
  if (before !== '' && after !== '') return Number.NaN;
  if (Number(minutes) >= 60 || Number(seconds) >= 60) return Number.NaN;
  const value = Number(degrees) + Number(minutes) / 60 + Number(seconds) / 3600;
  const negative = sign === '-' || /[WS西南]/u.test(before + after);
  return negative ? -value : value;
}
