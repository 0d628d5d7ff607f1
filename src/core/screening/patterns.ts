// Passwords that are no word of any list and yet nobody's secret: repetitions, sequences, walks over a keyboard. Judged as
// a whole: what only begins or ends like one is none.

/** A unit as long as this may not make up a password by being repeated. */
const MAX_UNIT = 5;
/** So many neighbours in a row are a walk: two are in every word. */
const WALK = 3;

/** Rows whose end leads to their beginning. */
const RINGS = ['0123456789', 'abcdefghijklmnopqrstuvwxyz', 'абвгдежзийклмнопрстуфхцчшщъыьэюя'];
/** US, German and French keyboards and the Russian one, along their rows and down their columns, as `foldPassword` leaves them. */
const ROWS = [
  ...['!@#$%^&*()_+', '!"§$%&/()=?', 'qwertyuiop[]', 'asdfghjkl;', 'zxcvbnm,./'],
  ...['qwertzuiopü+', 'asdfghjklöä', 'yxcvbnm,.-', 'azertyuiop', 'qsdfghjklm', 'wxcvbn,;:!'],
  ...['йцукенгшщзхъ', 'фывапролджэ', 'ячсмитьбю'],
  ...['1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/', '!qaz@wsx#edc$rfv%tgb^yhn&ujm*ik<(ol>)p:?'],
  ...['qazwsxedcrfvtgbyhnujmikolp', '1qa2ws3ed4rf5tg6yh7uj8ik9ol0p'],
  ...['1q2w3e4r5t6y7u8i9o0p', 'q1w2e3r4t5y6u7i8o9p0', 'qawsedrftgyhujikolp', 'azsxdcfvgbhnjmk'],
  ...['147258369', '741852963', '159753'],
];

/** Every step of three along a row, both ways. */
const WALKS: ReadonlySet<string> = new Set(
  [...RINGS.map((ring) => ring + ring.slice(0, WALK - 1)), ...ROWS].flatMap((row) => {
    const keys = [...row];
    return [...listWalks(keys), ...listWalks(keys.toReversed())];
  }),
);

/** `folded`: as `foldPassword` makes it. */
export function isTrivial(folded: string): boolean {
  if (folded === '') return false;
  const characters = [...folded];
  return isRepetition(characters) || isWalk(characters);
}

function isRepetition(characters: readonly string[]): boolean {
  const unit = measureUnit(characters);
  return unit <= MAX_UNIT && characters.length >= 2 * unit;
}

/** How long the shortest beginning is that gives the whole by being repeated, the last time perhaps not to its end. */
function measureUnit(characters: readonly string[]): number {
  // border[i]: how long the longest proper beginning is that also ends the first i + 1 (Knuth, Morris and Pratt).
  const border: number[] = [];
  for (let i = 1, length = 0; i < characters.length; i += 1) {
    while (length > 0 && characters[i] !== characters[length]) length = border[length - 1] ?? 0;
    if (characters[i] === characters[length]) length += 1;
    border[i] = length;
  }
  return characters.length - (border.at(-1) ?? 0);
}

/** Every character is part of a walk. */
function isWalk(characters: readonly string[]): boolean {
  let covered = 0;
  for (let start = 0; start <= covered; start += 1) {
    if (WALKS.has(characters.slice(start, start + WALK).join(''))) covered = start + WALK;
  }
  return covered === characters.length;
}

function listWalks(keys: readonly string[]): string[] {
  return keys.slice(WALK - 1).map((_, start) => keys.slice(start, start + WALK).join(''));
}
