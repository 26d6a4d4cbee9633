/** XML (and HTML): what elements hold, or what attributes do, with entities read and comments left out. */
import { entity, MAX_ENTITY } from './entities.ts';
import { type Structure, Values } from './values.ts';

const OPEN = 0x3c;
const CLOSE = 0x3e;
const AMPERSAND = 0x26;
const SEMICOLON = 0x3b;
const QUOTES: readonly number[] = [0x22, 0x27];

/** What opens something that is no tag, and what closes it. */
const SECTIONS = [
  { open: '!--', close: '-->', isText: false },
  { open: '![CDATA[', close: ']]>', isText: true },
];

export class Xml implements Structure {
  private readonly attributes: boolean;
  private readonly values: Values;
  /** The tag from its `<` on, as far as it says what it is. */
  private tag: string | undefined;
  private section: (typeof SECTIONS)[number] | undefined;
  /** The last bytes of a section. */
  private last = '';
  private quote = 0;
  private name: string | undefined;

  /** `attributes`: their values, else what stands in elements. */
  constructor(attributes: boolean, all: boolean) {
    this.attributes = attributes;
    this.values = new Values(all);
  }

  take(bytes: Buffer): Buffer {
    for (const byte of bytes) this.read(byte);
    return this.values.take();
  }

  private read(byte: number): void {
    if (this.section !== undefined) this.inSection(byte, this.section);
    else if (this.tag !== undefined) this.inTag(byte, this.tag);
    else if (byte === OPEN) this.tag = '';
    else if (!this.attributes) this.text(byte);
  }

  private inTag(byte: number, tag: string): void {
    if (this.quote !== 0) {
      if (byte === this.quote) {
        this.quote = 0;
        if (this.attributes) this.endValue();
      } else if (this.attributes) this.text(byte);
      return;
    }
    if (tag.length < 8) this.tag = tag + String.fromCharCode(byte);
    this.section = SECTIONS.find(({ open }) => open === this.tag);
    if (this.section !== undefined) {
      this.tag = undefined;
      this.last = '';
      return;
    }
    if (byte === CLOSE) {
      // Nothing but a comment or CDATA goes on with the same value.
      if (!this.attributes) this.endValue();
      this.tag = undefined;
    } else if (QUOTES.includes(byte) && !tag.startsWith('!')) this.quote = byte;
  }

  private inSection(byte: number, { close, isText }: (typeof SECTIONS)[number]): void {
    this.last += String.fromCharCode(byte);
    if (this.last === close) {
      this.section = undefined;
      return;
    }
    if (this.last.length < close.length) return;
    // Of `]]]>` the first is text.
    if (isText && !this.attributes) this.values.add(this.last.charCodeAt(0));
    this.last = this.last.slice(1);
  }

  private text(byte: number): void {
    if (this.name === undefined) {
      if (byte === AMPERSAND) this.name = '';
      else this.values.add(byte);
    } else if (byte === SEMICOLON) {
      const code = entity(this.name);
      this.name = undefined;
      if (code !== undefined) this.values.add(code);
    } else {
      this.name += String.fromCharCode(byte);
      if (this.name.length > MAX_ENTITY) this.endName();
    }
  }

  /** It was none. */
  private endName(): void {
    if (this.name === undefined) return;
    for (const char of `&${this.name}`) this.values.add(char.charCodeAt(0));
    this.name = undefined;
  }

  private endValue(): void {
    this.endName();
    this.values.end();
  }
}
