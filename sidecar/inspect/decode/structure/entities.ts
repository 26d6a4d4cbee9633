/** Names of ASCII characters in HTML (WHATWG HTML, 13.5), and of a hyphen that looks like one. */
const NAMES: Readonly<Record<string, string>> = {
  tab: '\t',
  newline: '\n',
  excl: '!',
  quot: '"',
  num: '#',
  dollar: '$',
  percnt: '%',
  amp: '&',
  apos: "'",
  lpar: '(',
  rpar: ')',
  ast: '*',
  midast: '*',
  plus: '+',
  comma: ',',
  hyphen: '-',
  dash: '-',
  period: '.',
  sol: '/',
  colon: ':',
  semi: ';',
  lt: '<',
  equals: '=',
  gt: '>',
  quest: '?',
  commat: '@',
  lsqb: '[',
  lbrack: '[',
  bsol: '\\',
  rsqb: ']',
  rbrack: ']',
  hat: '^',
  lowbar: '_',
  underbar: '_',
  grave: '`',
  lcub: '{',
  lbrace: '{',
  verbar: '|',
  vert: '|',
  rcub: '}',
  rbrace: '}',
};

/** Characters between `&` and `;` at most. */
export const MAX_ENTITY = 10;

/** The character that an entity (without `&` and `;`) stands for, by its name or its number; undefined: none of ASCII. */
export function entity(name: string): number | undefined {
  const number = /^#(?:x([0-9a-f]{1,8})|([0-9]{1,8}))$/i.exec(name);
  if (number === null) return NAMES[name.toLowerCase()]?.charCodeAt(0);
  const code = number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16);
  return code < 128 ? code : undefined;
}
