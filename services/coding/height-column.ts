/** Heights whose name says that they do not count from the ellipsoid are refused until somebody declares what they count from. */
import { formatHeightReference } from '../../grid/index.ts';
import { CodingError } from './coding-error.ts';
import { type EncodePlan, needsHeight } from './plan.ts';

/** Parts of names that say ellipsoidal, whatever else stands there: `高程（大地高）`. */
const ELLIPSOIDAL = /大地高|椭球|ellipsoid|geodetic|hae\b/;
/** Parts of names of levels above the sea; Chinese and joined words, where a word has no border. */
const SEA_LEVEL =
  /海拔|高程|正常高|正高|标高|海平面|黄海|altitude|elevation|sea ?level|orthometric|normal ?height/;
/** The same as short words, which stand in others too. */
const SEA_LEVEL_WORDS = new Set(['alt', 'elev', 'elv', 'msl', 'amsl', 'mamsl', 'asl', 'masl', 'geoid']);
const GROUND = /离地|距地|对地|地面以上|相对高|above ?ground|埋深|depth/;
const GROUND_WORDS = new Set(['agl', 'hag']);

/** What a height counts from by its name; undefined where the name does not say. */
function saidByName(name: string): 'sea level' | 'the ground' | undefined {
  const plain = name
    .normalize('NFKC')
    .replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ')
    .toLowerCase()
    .replace(/[\s_\-.:]+/g, ' ');
  if (ELLIPSOIDAL.test(plain)) return undefined;
  const words = plain.split(/[^a-z]+/);
  if (GROUND.test(plain) || words.some((word) => GROUND_WORDS.has(word))) return 'the ground';
  if (SEA_LEVEL.test(plain) || words.some((word) => SEA_LEVEL_WORDS.has(word))) return 'sea level';
  return undefined;
}

/**
 * Checks the column, member or property that holds the heights. `height`, `h`, `z` and 大地高 are ellipsoidal where nothing is declared.
 *
 * @throws {CodingError} `height-undeclared` when its name says otherwise and nothing is declared.
 */
export function checkHeightName(plan: EncodePlan, name: string): void {
  if (!needsHeight(plan) || plan.reference.height !== undefined) return;
  const said = saidByName(name);
  if (said === undefined) return;
  throw new CodingError(
    'height-undeclared',
    `The heights "${name.trim().slice(0, 40)}" seem to count from ${said}, and a code needs them above the ellipsoid: declare the height reference as ellipsoidal, sea-level:<undulation m> or ground:<height of the ground m>`,
  );
}

/** What heights were read as, as it is declared; undefined where no code has a height. */
export function heightReferenceText(plan: EncodePlan): string | undefined {
  return needsHeight(plan) ? formatHeightReference(plan.reference.height ?? 'ellipsoidal') : undefined;
}
