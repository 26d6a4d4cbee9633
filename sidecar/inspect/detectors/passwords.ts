/** Passwords have no shape: what can be said is that people write some of them in examples. */
import { entropy } from '../scan/entropy.ts';

/** What documentation and tests write for a password. */
const PLACEHOLDERS = new Set([
  'pass',
  'passw0rd',
  'p4ssw0rd',
  'p@ssw0rd',
  'pwd',
  'user',
  'username',
  'postgres',
  'mysql',
  'root',
  'admin',
  'admin123',
  'guest',
  'test',
  'test123',
  'changeme',
  'foobared',
  'foobar',
  'hunter2',
  'letmein',
  'qwerty',
]);

/** Characters of a password that are judged: what stands behind them is the sender's choice. */
const JUDGED = 24;

/** What a program or a reader is to fill in: `<your token>`, cut off at a blank too, `${NAME}`, `{{ name }}`, `%(name)s`. */
const TEMPLATE = /<[^<>]*>|^<[^<>]*$|\$?\{\{[^{}]*\}\}|[$#%]?\{[^{}]*\}|[$%]\([^()]*\)s?/g;
/** What closes a text around it. */
const CLOSING = /[>})]+$/;

/** Whether a password is what examples have: something to fill in, a known word, one character over and over, or a short word. */
export function isPlaceholder(password: string): boolean {
  const rest = password.replace(TEMPLATE, (template) => (isDrawn(template) ? template : ''));
  if (rest !== password && !isStrong(rest)) return true;
  const plain = rest.slice(0, JUDGED).replace(CLOSING, '').toLowerCase();
  return (
    PLACEHOLDERS.has(plain) ||
    /^(.)\1*$/.test(plain) ||
    /^[a-z]{4,8}$/.test(plain) ||
    /^(?:my|your|the|some|super|db|user|test|new|old)?[-_]?(?:pass|pwd|token|pw|key)[-_]?[0-9]{0,4}$/.test(plain) ||
    /example|placeholder|redacted|password|passwd|secret|x{4}|\*{3}/.test(plain) ||
    /^(?:0?123456789|12345)/.test(plain)
  );
}

/** Share of neighbours of different kinds from which on what stands between angle brackets is no name. */
const MIN_CHANGES = 0.25;

/** Whether an angle bracket stands before a password, or two around it. */
function isDrawn(template: string): boolean {
  if (!template.startsWith('<') || !isStrong(template)) return false;
  if (!template.endsWith('>')) return true;
  const changes = template.match(/[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])/g)?.length ?? 0;
  return changes >= MIN_CHANGES * template.length;
}

/** Shortest password that is judged by its characters. */
const MIN_STRONG = 10;
/** Bits per character. */
const MIN_STRONG_ENTROPY = 2.8;

/** Whether a password was made, not thought of: letters and digits, and no word. */
export function isStrong(text: string): boolean {
  const password = text.slice(0, JUDGED);
  return (
    password.length >= MIN_STRONG &&
    /[0-9]/.test(password) &&
    /[A-Za-z]/.test(password) &&
    !/[a-z]{10}|[A-Z]{10}/.test(password) &&
    entropy(password) >= MIN_STRONG_ENTROPY
  );
}
