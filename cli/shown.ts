/**
 * Texts of others (names of files, what is written in policies and cases) as a terminal, and whoever reads line by line, may
 * get them: nothing in them moves a cursor, hides or reorders what is beside it, or begins a line. Pure.
 */

/** Controls of ASCII and of Latin-1, what is not seen or turns the direction (Unicode, Cf), half characters, ends of lines. */
const ACTIVE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** On one line, with `\u001b` for an escape, as JSON writes it. */
export function shown(text: string): string {
  return text.replace(ACTIVE, escaped);
}

/** JSON for people and programs. JSON itself lets through what is beyond ASCII. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replace(ACTIVE, (sign) => (sign === '\n' ? sign : escaped(sign)));
  return `${text}\n`;
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
