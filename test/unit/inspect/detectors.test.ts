import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OPAQUE_UPLOAD } from '../../../crds/content.ts';
import { base62Checksum, hasBase62Checksum } from '../../../sidecar/inspect/detectors/checksum.ts';
import { encodedName } from '../../../sidecar/inspect/detectors/encoded-name.ts';
import { RUN_BEFORE } from '../../../sidecar/inspect/detectors/grammar/drawn.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { DETECTOR_NAMES } from '../../../sidecar/inspect/detectors/names.ts';
import { BASE32, BASE62, BASE64URL, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { KNOWN_SECRET } from '../../../sidecar/inspect/known/set.ts';
import { corpus } from '../../fixtures/corpus/secrets.ts';
import { detectorsIn, inspectBody, inspectField } from './helpers.ts';

describe('the detector table', () => {
  it('has unique kebab-case names, a source and home hosts that are patterns', () => {
    expect(new Set(DETECTOR_NAMES).size).toBe(DETECTOR_NAMES.length);
    expect(DETECTOR_NAMES).toEqual([
      ...DETECTORS.map(({ name }) => name),
      encodedName.name,
      KNOWN_SECRET,
      OPAQUE_UPLOAD,
    ]);
    for (const { name, source, homeHosts, literals } of DETECTORS) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(source.length).toBeGreaterThan(5);
      expect(literals.length).toBeGreaterThan(0);
      for (const host of homeHosts) expect(host).toMatch(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/);
    }
  });

  it('covers the formats that the README names', () => {
    expect(DETECTORS.length).toBeGreaterThanOrEqual(14);
    for (const name of [
      'aws-access-key-id',
      'github-token',
      'npm-token',
      'private-key',
      'jwt',
      'docker-auth',
      'npmrc-auth',
    ]) {
      expect(DETECTOR_NAMES).toContain(name);
    }
  });
});

describe.each(DETECTORS.map((detector) => [detector.name, detector] as const))('%s', (name, detector) => {
  const seeds = [1, 2, 3, 4, 5];

  it('finds its examples, alone and in a text', async () => {
    for (const seed of seeds) {
      for (const text of detector.examples(seed).matching) {
        expect(await detectorsIn(text), text).toContain(name);
        expect(await detectorsIn(`first line\n${text}\nlast line`), text).toContain(name);
        expect(
          await detectorsIn(`${'lorem ipsum '.repeat(9000)}\n${text}\n${'dolor sit '.repeat(9000)}`),
          text,
        ).toContain(name);
      }
    }
  });

  it('lets what only looks like them pass', async () => {
    for (const seed of seeds) {
      for (const text of detector.examples(seed).other) {
        expect(await detectorsIn(text), text).not.toContain(name);
        expect(await detectorsIn(`first line\n${text}\nlast line`), text).not.toContain(name);
      }
    }
  });
});

describe('a secret of any format', () => {
  const BEFORE = ['', ' ', '"', "'", '=', '+', ':', '>', '(', ',', '\t', '\n', '/', ';', '[', '{', '|', '&x='];

  it.each(BEFORE.map((before) => [JSON.stringify(before), before] as const))(
    'is found behind %s',
    async (_, before) => {
      for (const { detector, format, text } of corpus(4)) {
        const body = Buffer.from(`some text ${before}${text.trim()}\n`, 'latin1');
        expect(await detectorsIn(body), format).toContain(detector);
      }
    },
  );
});

describe('checksums', () => {
  it('are six base62 digits of the CRC-32, zero-padded', () => {
    // CRC-32 of "123456789" is 0xcbf43926 (the check value of the algorithm's catalogue).
    const value = 0xcbf43926;
    const digits = [...base62Checksum('123456789')].map((char) => BASE62.indexOf(char));
    expect(digits).toHaveLength(6);
    expect(digits.reduce((sum, digit) => sum * 62 + digit, 0)).toBe(value);
    // CRC-32 of nothing is 0.
    expect(base62Checksum('')).toBe('000000');
  });

  it('belong to one body', () => {
    const token = checkedToken('np' + 'm_', 7);
    expect(hasBase62Checksum(token, 'npm_', 30)).toBe(true);
    expect(
      hasBase62Checksum(
        token.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
        'npm_',
        30,
      ),
    ).toBe(false);
  });

  it('are a gate only in a run of base64, and need no entropy or digits beside them', async () => {
    const checked = checkedToken('gh' + 'p_', 3);
    const unchecked = `${'gh'}p_7${characters(3, 35, BASE62)}`;
    for (const length of [0, 1, RUN_BEFORE - 1, RUN_BEFORE, 63, 64, 500]) {
      expect(await detectorsIn(`${characters(1, length, BASE62)}${checked}`)).toEqual(['github-token']);
      expect(await detectorsIn(`${characters(1, length, BASE62)}${unchecked}`)).toEqual(
        length < RUN_BEFORE ? ['github-token'] : [],
      );
    }
    const letters = characters(6, 30, BASE62.slice(10));
    expect(await detectorsIn(`${'gh'}p_${letters}${base62Checksum(letters)}`)).toEqual(['github-token']);
  });
});

describe('private keys', () => {
  const kinds = [
    ['rsa', { modulusLength: 1024 }, ['pkcs8', 'pkcs1']],
    ['ec', { namedCurve: 'P-256' }, ['pkcs8', 'sec1']],
    ['ec', { namedCurve: 'P-384' }, ['pkcs8', 'sec1']],
    ['ec', { namedCurve: 'P-521' }, ['pkcs8', 'sec1']],
    ['ed25519', {}, ['pkcs8']],
    ['x25519', {}, ['pkcs8']],
    ['ed448', {}, ['pkcs8']],
  ] as const;

  it.each(kinds)('are found as PEM, DER and bare base64: %s %o', async (kind, options, types) => {
    const { privateKey, publicKey } = generateKeyPairSync(kind as 'rsa', options as { modulusLength: number });
    for (const type of types) {
      const der = privateKey.export({ type: type as 'pkcs8', format: 'der' });
      expect(await detectorsIn(privateKey.export({ type: type as 'pkcs8', format: 'pem' }) as string)).toEqual([
        'private-key',
      ]);
      expect(await detectorsIn(der)).toEqual(['private-key']);
      expect(await detectorsIn(Buffer.concat([Buffer.from('junk'), der]).toString('base64'))).toEqual(['private-key']);
    }
    const encrypted = { type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
    expect(await detectorsIn(privateKey.export({ ...encrypted, format: 'der' }))).toEqual(['private-key']);
    expect(await detectorsIn(publicKey.export({ type: 'spki', format: 'pem' }) as string)).toEqual([]);
    expect(await detectorsIn(publicKey.export({ type: 'spki', format: 'der' }))).toEqual([]);
  });

  it('are found in a log, with what it puts before every line', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    for (const prefix of ['2026-01-01 12:36:01 ', '#6 0.245 ', '    ', '> ']) {
      const log = pem.replaceAll(/^/gm, prefix);
      expect(await detectorsIn(`${prefix}$ cat key.pem\n${log}`), prefix).toContain('private-key');
      expect(await detectorsIn(JSON.stringify({ log })), prefix).toContain('private-key');
    }
  });

  it('are no key when only the template of one is there', async () => {
    const template = Buffer.from('020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420', 'hex');
    const rest = Buffer.concat([Buffer.from('a144034200', 'hex'), Buffer.from(characters(1, 60, BASE62))]);
    expect(await detectorsIn(Buffer.concat([template, rest]))).toEqual([]);
    const words = `${'-----BEGIN PGP PRIV'}ATE KEY BLOCK-----AbortSignalAbsoluteOrientationSensorAbstractRangeAccelerometer`;
    expect(await detectorsIn(words)).toEqual([]);
    expect(await detectorsIn('ssh: openssh-key-v1\0 is the magic')).toEqual([]);
  });
});

describe('AWS', () => {
  const id = `${'AK'}IA${characters(11, 15, BASE32)}4`;

  it('finds a key id wherever it stands', async () => {
    expect(await detectorsIn(`x${id}y`)).toEqual(['aws-access-key-id']);
    expect((await inspectBody(`key: ${id}`)).findings[0]).toMatchObject({
      offset: 5,
      homeHosts: expect.arrayContaining(['sts.eu-central-1.amazonaws.com']),
    });
  });

  it('does not find ids in protein or nucleotide sequences', async () => {
    const amino = 'ACDEFGHIKLMNPQRSTVWY';
    let sequence = '';
    for (let i = 0; i < 200; i++) sequence += `${characters(i, 50, amino)}${'AS'}IA`;
    expect(await detectorsIn(sequence)).toEqual([]);
    expect(await detectorsIn(`${'AC'}CA`.concat(characters(5, 60, 'ACGT')).repeat(300))).toEqual([]);
  });

  it('takes forty base64 characters for a secret key only beside an id or a name', async () => {
    const secret = `aZ7${characters(4, 37, BASE62)}`;
    expect(await detectorsIn(`${secret}`)).toEqual([]);
    expect(await detectorsIn(`${id}${' '.repeat(200)}${secret}`)).toEqual([
      'aws-access-key-id',
      'aws-secret-access-key',
    ]);
    expect(await detectorsIn(`${id}${' '.repeat(300)}${secret}`)).toEqual(['aws-access-key-id']);
    expect(
      (await inspectField('http.header', 'aws_secret_access_key', secret)).map(({ detector }) => detector),
    ).toEqual(['aws-secret-access-key']);
    expect(await inspectField('http.header', 'x-trace', secret)).toEqual([]);
  });
});

describe('JWT', () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('is found when its payload or header is longer than the window', async () => {
    const signature = characters(1, 86, BASE64URL);
    const header = part({ alg: 'ES256' });
    expect(await detectorsIn(`${header}.${part({ data: 'x'.repeat(5000) })}.${signature}`)).toContain('jwt');
    expect(
      await detectorsIn(`${part({ x5c: ['y'.repeat(3000)], alg: 'ES256' })}.${part({ sub: 'someone' })}.${signature}`),
    ).toContain('jwt');
  });
});

describe('precision', () => {
  it.each([
    [
      'lockfile integrity',
      Array.from(
        { length: 300 },
        (_, i) => `"integrity": "sha512-${Buffer.from(characters(i, 64, BASE62)).toString('base64')}",`,
      ).join('\n'),
    ],
    ['object ids', Array.from({ length: 500 }, (_, i) => characters(i, 40, '0123456789abcdef')).join('\n')],
    [
      'UUIDs',
      Array.from({ length: 500 }, (_, i) =>
        characters(i, 32, '0123456789abcdef').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
      ).join(','),
    ],
    ['code', 'function AIzaKey(){return process.env.GITHUB_TOKEN||npm_config_registry||"eyJ"+x.eyJ}'.repeat(50)],
  ])('%s', async (_, text) => {
    expect(await detectorsIn(text)).toEqual([]);
  });
});
