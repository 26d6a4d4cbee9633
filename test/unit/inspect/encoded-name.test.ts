import { describe, expect, it } from 'vitest';
import { hiddenText, MIN_HIDDEN_TEXT } from '../../../sidecar/inspect/detectors/encoded-name.ts';

const base32 = (text: string): string => {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  const bits = Array.from(Buffer.from(text), (byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
};
const labels = (digits: string, size: number): string =>
  (digits.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).join('.');
const text = 'wJalrXUtnFEMI/K7MDENG'.slice(0, MIN_HIDDEN_TEXT);

describe('text hidden in a name', () => {
  it.each([4, 13, 63])('is found in hex and base32, in labels of %i, in either case', (size) => {
    const hex = Buffer.from(text).toString('hex');
    expect(hiddenText(`${labels(hex, size)}.cdn.example.com`)).toEqual({ decoding: 'hex', offset: 0 });
    expect(hiddenText(`${labels(hex.toUpperCase(), size)}.cdn.example.com`)?.decoding).toBe('hex');
    expect(hiddenText(`${labels(base32(`${text}xx`), size)}.1.example.com`)?.decoding).toBe('base32');
  });

  it('is found at any alignment and between separators', () => {
    const hex = Buffer.from(text).toString('hex');
    expect(hiddenText(`a${hex}.example.com`)?.decoding).toBe('hex');
    expect(hiddenText(`${hex.replaceAll(/(..)/g, '$1-')}x.example.com`)?.decoding).toBe('hex');
    for (let skip = 0; skip < 8; skip++)
      expect(hiddenText(`${'7'.repeat(skip)}${base32(`${text}xx`)}.example.com`)?.decoding).toBe('base32');
  });

  it('needs MIN_HIDDEN_TEXT characters', () => {
    const hex = (length: number) => Buffer.from(text.slice(0, length)).toString('hex');
    expect(hiddenText(`${hex(MIN_HIDDEN_TEXT)}.1.example`)).toBeDefined();
    expect(hiddenText(`${hex(MIN_HIDDEN_TEXT - 1)}.1.example`)).toBeUndefined();
  });

  it('is not seen in names that services use', () => {
    for (const name of [
      'registry.npmjs.org',
      'd41d8cd98f00b204e9800998ecf8427e.cdn.example.com',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.blobs.example.com',
      'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi.ipfs.example.net',
      '123e4567-e89b-12d3-a456-426614174000.sessions.example.org',
      'ec2-203-0-113-25.eu-central-1.compute.amazonaws.com',
      'averyveryverylongandwordyhostnamethatsomebodychose.internationalization.example.com',
    ]) {
      expect(hiddenText(name), name).toBeUndefined();
    }
  });
});
