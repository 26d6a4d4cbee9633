/** PEM text (RFC 7468): the blocks of a file, and a block from DER. */

/** RFC 7468 section 2: 64 characters a line. */
const LINES = /.{1,64}/g;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g;

export interface PemBlock {
  label: string;
  /** The block as text, with LF line ends and a final newline: equal for equal contents. */
  pem: string;
}

/** Every block of `text`, in order; what lies between blocks is skipped, as OpenSSL does. */
export function pemBlocks(text: string): PemBlock[] {
  return Array.from(text.matchAll(BLOCK), ([, label = '', body = '']) => ({
    label,
    pem: wrap(label, body.replace(/\s+/g, '')),
  }));
}

/** The bytes of a block. */
export function pemDecode(block: PemBlock): Buffer {
  return Buffer.from(block.pem.split('-----')[2] ?? '', 'base64');
}

/** One block. */
export function pemEncode(label: string, der: Uint8Array): string {
  return wrap(label, Buffer.from(der).toString('base64'));
}

function wrap(label: string, base64: string): string {
  const lines = base64.match(LINES) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
