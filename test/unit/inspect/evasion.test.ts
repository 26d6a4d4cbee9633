/** What a sender who has read the detectors does to get a secret past them. */
import { generateKeyPairSync } from 'node:crypto';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ENCODED_LAG, MAX_ENCODED_HELD } from '../../../sidecar/inspect/bodies.ts';
import {
  ORDINARY_RATIO,
  WORK_FLOOR,
  WORK_PER_BYTE,
  WORK_PER_INFLATED_BYTE,
  WorkBudget,
} from '../../../sidecar/inspect/budget.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { BASE62, BASE64URL, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';
import { maxEntropy } from '../../../sidecar/inspect/scan/entropy.ts';
import { detectorsIn, inspectBody, inspectField } from './helpers.ts';

const PADS = ['A', 'a', '0', '_', '-', '.', 'xy', '='];

describe.each(DETECTORS.map((detector) => [detector.name, detector] as const))('%s', (name, { examples, formats }) => {
  it('is found with padding behind it, of any length', async () => {
    for (const text of examples(7).matching) {
      const secret = text.trimEnd();
      for (const pad of PADS) {
        // A closing quote ends these values: padding behind it is outside, and in front of it part of the value.
        for (const length of [1, 29, 219, 300, 1200]) {
          expect(
            await detectorsIn(`k=${secret}${pad.repeat(length)}`),
            `${secret.slice(0, 20)} ${pad} ${length}`,
          ).toContain(name);
        }
      }
    }
  });

  it('is found with anything in front of it', async () => {
    for (const [index, text] of examples(8).matching.entries()) {
      for (const before of [
        // Some are known only where nothing of base64 stands before them.
        ...(formats[index]?.bounded === true
          ? ['.', '"', '/', '/some/segments/of/a/path/']
          : ['x', '0', '-', '_', '/', '+', 'A'.repeat(70), 'eyA'.repeat(9)]),
        '=',
        // In random data a short literal stands by chance.
        ...(formats[index]?.weakInRun === true || formats[index]?.bounded === true
          ? []
          : [characters(1, 1500, BASE64URL)]),
      ]) {
        expect(await detectorsIn(`${before}${text}`), `${before.slice(0, 20)} ${text.slice(0, 30)}`).toContain(name);
      }
    }
  });
});

describe('padding', () => {
  it('does not hide an AWS secret key in a longer run, at either end', async () => {
    const secret = `aZ7${characters(9, 37, BASE62)}`;
    for (const before of ['', 'x', 'A'.repeat(5), 'A'.repeat(40), 'A'.repeat(99)]) {
      for (const after of ['', 'Q', 'A'.repeat(40), '/'.repeat(100)]) {
        const found = await inspectField('http.header', 'aws_secret_access_key', `${before}${secret}${after}`);
        expect(
          found.map(({ detector }) => detector),
          `${before.length} ${after.length}`,
        ).toEqual(['aws-secret-access-key']);
      }
    }
  });

  it('does not hide a private key in its armour', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    for (const pad of ['A', 'a', '/']) {
      for (let lines = 1; lines < 40; lines += 5) {
        const end = pem.indexOf('-----END');
        const padded = `${pem.slice(0, end)}${`${pad.repeat(64)}\n`.repeat(lines)}${pem.slice(end)}`;
        expect(await detectorsIn(padded), `${pad} ${lines}`).toContain('private-key');
      }
    }
  });

  it('never lowers the entropy of what it follows', () => {
    for (let seed = 0; seed < 50; seed++) {
      const text = characters(seed, 20 + seed, BASE62);
      const own = maxEntropy(text, text.length);
      for (const pad of PADS) expect(maxEntropy(text + pad.repeat(300), 20)).toBeGreaterThanOrEqual(own - 1e-9);
    }
  });
});

describe('a JWT', () => {
  it('is found behind any number of false beginnings', async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'ES256' })}.${part({ sub: 'someone' })}.${characters(1, 86, BASE64URL)}`;
    for (let starts = 0; starts < 40; starts++) {
      for (const start of ['eyA', 'eyJ', 'ewo']) {
        expect(await detectorsIn(`${start.repeat(starts)}${token}`), `${starts} ${start}`).toContain('jwt');
      }
    }
  });
});

describe('what stands around', () => {
  const token = `${'github'}_pat_${characters(1, 22, BASE62)}_${characters(2, 59, BASE62)}`;

  it('hides no escape: text too short for a secret, with escapes and without, at every distance', async () => {
    const around = '\x01ab\\0\xffeleven%41ch\x02\\x41\\n\x03'.repeat(400);
    for (let length = 0; length < 150; length++) {
      for (const escaped of [`\\x67${token.slice(1)}`, `%67${token.slice(1)}`]) {
        const body = Buffer.from(`${around.slice(0, 20_000 + length)}\x01${escaped}\x01${around}`, 'latin1');
        expect(await detectorsIn(body), String(length)).toEqual(['github-fine-grained-token']);
      }
    }
  });

  it('is enough for the shortest secret, escaped, and for one that is encoded and escaped', async () => {
    const filler = 'nothing to see here. '.repeat(1000);
    const url = `ftp://a:${characters(3, 8, BASE62)}@h.io`;
    for (const text of [url, Buffer.from(url).toString('base64'), Buffer.from(url).toString('hex')]) {
      const escaped = [...text].map((character) => `\\x${character.charCodeAt(0).toString(16)}`).join('');
      expect(await detectorsIn(`${filler}\x01${escaped}\x01${filler}`), text).toEqual(await detectorsIn(url));
    }
    expect(await detectorsIn(url)).toEqual(['database-url']);
  });

  it('hides no base64: words and paths in the same run', async () => {
    const filler = 'nothing to see here. '.repeat(1000);
    for (let alignment = 0; alignment < 4; alignment++) {
      const words = 'a'.repeat(alignment) + '/node/modules/RuleWithUseShorthand'.repeat(20);
      for (const text of [token, `x${token}`, `xy${token}`]) {
        const body = `${filler}${words}${Buffer.from(text).toString('base64')}${words}${filler}`;
        expect(await detectorsIn(body), `${alignment}`).toEqual(['github-fine-grained-token']);
      }
    }
  });
});

describe('a name in a multipart form', () => {
  it.each(['aws_secret_access_key', '_authToken', '_auth'])('gives the value away: %s', async (name) => {
    const value = `aZ7${characters(9, 37, BASE62)}`;
    const expected = name.startsWith('aws') ? 'aws-secret-access-key' : 'npmrc-auth';
    for (const more of ['', 'Content-Type: text/plain\r\n', 'Content-Type: text/plain\r\nContent-Length: 40\r\n']) {
      for (const file of ['', '; filename="x"']) {
        const head = `--b\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${more}\r\n`;
        expect(await detectorsIn(`${head}${value}\r\n--b--\r\n`), head).toEqual(name === '_auth' ? [] : [expected]);
      }
    }
  });
});

describe('work', () => {
  it('on literals that lead nowhere is bounded: what each confirm reads is charged', async () => {
    const literals = [...new Set(DETECTORS.flatMap((detector) => detector.literals))];
    for (const literal of literals) {
      for (const unit of [literal, `${literal}${'a'.repeat(40)}`, `%41${literal}`, `%2541${literal}9`]) {
        const body = Buffer.from(unit.repeat(Math.ceil(40_000 / unit.length)), 'latin1');
        const before = process.threadCpuUsage();
        await inspectBody(body);
        // What is quadratic takes minutes; coverage alone slows the rest down by ten.
        expect(process.threadCpuUsage(before).user, unit).toBeLessThan(2_000_000);
      }
    }
  }, 120_000);

  it('on what a small body inflates to is bounded', async () => {
    const body = zlib.gzipSync(Buffer.alloc(24 * 1024 * 1024, `${'xo'}xb-`), { level: 9 });
    const outcome = await inspectBody(body, { context: { contentEncoding: ['gzip'] } });
    expect(outcome.tooComplex).toMatch(/work budget/);
  });

  it('is granted for inflated bytes up to the ordinary ratio, and little beyond', () => {
    const budget = new WorkBudget({ left: 0 });
    budget.grant(10);
    budget.grantInflated(10 * ORDINARY_RATIO - 5);
    budget.grantInflated(15);
    const granted = (10 + 10 * ORDINARY_RATIO) * WORK_PER_BYTE + 10 * WORK_PER_INFLATED_BYTE;
    expect(() => budget.charge(granted)).not.toThrow();
    expect(() => budget.charge(1)).toThrow();
  });

  it('is enough for compressed bodies full of encoded text', async () => {
    let noise = Buffer.alloc(600_000);
    for (let i = 0; i < noise.length; i += 4) noise.writeUInt32LE((i * 2654435761) >>> 0, i);
    noise = Buffer.from(noise.toString('base64'));
    for (const text of [noise, Buffer.from(JSON.stringify({ a: noise.toString().replaceAll('/', '\\/') }))]) {
      const outcome = await inspectBody(zlib.gzipSync(text), { context: { contentEncoding: ['gzip'] } });
      expect(outcome).toMatchObject({ findings: [], tooComplex: undefined });
    }
    expect(WORK_FLOOR).toBeLessThanOrEqual(1024 * 1024);
  });

  it('that takes long lets others have their turn', async () => {
    const message = createInspector().session('h').open({ body: 'http.body', contentEncoding: [] });
    const step = message.push(Buffer.from(characters(1, 4_000_000, BASE62)));
    expect(step).toBeInstanceOf(Promise);
    expect((await step).tooComplex).toBeUndefined();
  });
});

describe('an encoded body that says nothing', () => {
  it('is not held for ever', async () => {
    const message = createInspector()
      .session('h')
      .open({ body: 'http.body', contentEncoding: ['deflate'] });
    // Stored blocks (RFC 1951, 3.2.4): one of a byte, which is not decided, then such that have none.
    const first = Buffer.from([0, 1, 0, 0xfe, 0xff, 0x78]);
    const empty = Buffer.concat(Array.from({ length: 13_000 }, () => Buffer.from([0, 0, 0, 0xff, 0xff])));
    expect(await message.push(first)).toEqual({ findings: [], release: [] });
    let sent = first.length;
    let tooComplex: string | undefined;
    while (tooComplex === undefined && sent < 2 * MAX_ENCODED_HELD) {
      const step = await message.push(empty);
      expect(step.release).toEqual([]);
      sent += empty.length;
      tooComplex = step.tooComplex;
    }
    expect(tooComplex).toMatch(/decodes to nothing/);
    expect(sent).toBeGreaterThan(MAX_ENCODED_HELD);
    expect(sent).toBeLessThanOrEqual(MAX_ENCODED_HELD + empty.length);
    expect(MAX_ENCODED_HELD).toBeGreaterThan(2 * ENCODED_LAG);
  });
});
