import { describe, expect, it } from 'vitest';
import { OPAQUE_TAIL } from '../../../sidecar/inspect/bodies.ts';
import { TooComplex } from '../../../sidecar/inspect/budget.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { BASE32, BASE64, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { LOOK_AHEAD, LOOK_BEHIND } from '../../../sidecar/inspect/detectors/types.ts';
import { Findings, MAX_FINDINGS } from '../../../sidecar/inspect/findings.ts';
import { BLOCK_SIZE, createInspector, type Step } from '../../../sidecar/inspect/index.ts';
import { Blocks } from '../../../sidecar/inspect/scan/blocks.ts';
import { HeldBlocks, MAX_JOINED } from '../../../sidecar/inspect/scan/hold.ts';
import { ENCODE, inspectBody } from './helpers.ts';

const ID = `${'AK'}IA${characters(31, 15, BASE32)}4`;

describe('a body', () => {
  it('comes out as it went in when nothing is found, whatever the cuts', async () => {
    const body = Buffer.from(characters(1, 200_000, `${BASE64} \n%=`));
    for (const cuts of [[1_000], [65_536], [65_535, 1], [7, 70_000, 3], [200_000]]) {
      const { released, tooComplex, findings } = await inspectBody(body, { cuts });
      expect({ tooComplex, findings }).toEqual({ tooComplex: undefined, findings: [] });
      expect(released.equals(body)).toBe(true);
    }
  });

  it('is held whole up to the block, and then but for what is undecided', async () => {
    const small = await inspectBody(Buffer.alloc(BLOCK_SIZE - 1, '. '));
    expect(small.releasedBefore).toBe(0);
    const large = await inspectBody(Buffer.alloc(BLOCK_SIZE, '. '));
    expect(large.releasedBefore).toBe(BLOCK_SIZE - LOOK_AHEAD - LOOK_BEHIND);
  });

  it('is found out at every cut and never released up to the secret', async () => {
    const filler = '. '.repeat(3000);
    const secret = ENCODE.base64?.(Buffer.from(ID)).toString() as string;
    const body = Buffer.from(`${filler}${secret}${filler}`);
    for (let cut = filler.length - 3; cut <= filler.length + secret.length + 3; cut++) {
      for (const blockSize of [512, 4096]) {
        const outcome = await inspectBody(body, { cuts: [cut, body.length], blockSize });
        expect(outcome.findings).toMatchObject([
          { detector: 'aws-access-key-id', decoding: ['base64'], offset: filler.length },
        ]);
        expect(outcome.released.length).toBeLessThanOrEqual(filler.length);
      }
    }
  });

  it('is searched across block boundaries at every offset, in every encoding', async () => {
    const blockSize = 256;
    for (const name of ['base64', 'hex', 'percent']) {
      const secret = ENCODE[name]?.(Buffer.from(`${ID} and more`)).toString() as string;
      for (let before = blockSize * 20 - secret.length - 4; before < blockSize * 20 + 4; before++) {
        const body = Buffer.from(`${'. '.repeat(blockSize * 10).slice(0, before)}"${secret}"${'. '.repeat(2000)}`);
        const { findings, released } = await inspectBody(body, { blockSize, cuts: [100] });
        expect(findings, `${name} at ${before}`).toMatchObject([{ detector: 'aws-access-key-id' }]);
        expect(released.length).toBeLessThanOrEqual(before + 1);
      }
    }
  });

  it('of one long run is released as it is decided, and the secret in it is not', async () => {
    const text = Buffer.from(`${'lorem ipsum '.repeat(40_000)}${ID}${' dolor'.repeat(20_000)}`);
    for (const [name, ratio] of [
      ['base64', 4 / 3],
      ['hex', 2],
      ['percent', 3],
    ] as const) {
      const body = ENCODE[name]?.(text) as Buffer;
      const outcome = await inspectBody(body, { cuts: [16_384] });
      const at = Math.floor(480_000 * ratio);
      expect(outcome.findings, name).toMatchObject([{ detector: 'aws-access-key-id', decoding: [name] }]);
      expect(Math.abs((outcome.findings[0]?.offset ?? 0) - at), name).toBeLessThan(800);
      expect(outcome.released.length, name).toBeLessThanOrEqual(at);
      expect(outcome.released.length, name).toBeGreaterThan(at - 4 * BLOCK_SIZE);
    }
  });

  it('of twice encoded long runs is still released within bounds', async () => {
    const text = Buffer.from(`${'lorem ipsum '.repeat(60_000)}`);
    const body = ENCODE.base64?.(ENCODE.base64?.(text) as Buffer) as Buffer;
    const outcome = await inspectBody(body, { cuts: [65_536] });
    expect(outcome.released.equals(body)).toBe(true);
    expect(outcome.releasedBefore).toBeGreaterThan(body.length - 2 * BLOCK_SIZE);
  });

  it('goes on after findings that the caller accepts', async () => {
    const message = createInspector().session('h').open({ body: 'http.body', contentEncoding: [] });
    const body = Buffer.from(`${ID} ${'. '.repeat(BLOCK_SIZE)}`);
    const first = await message.push(body);
    const last = await message.end();
    expect(first.findings.map(({ detector }) => detector)).toEqual(['aws-access-key-id']);
    expect(last.findings).toEqual([]);
    expect(Buffer.concat([...first.release, ...last.release]).equals(body)).toBe(true);
  });

  it('releases nothing after it was abandoned', async () => {
    const message = createInspector().session('h').open({ body: 'http.body', contentEncoding: [] });
    await message.push(Buffer.alloc(BLOCK_SIZE * 2));
    message.abort();
    message.abort();
    expect(await message.push(Buffer.from('more'))).toMatchObject({ release: [], tooComplex: expect.any(String) });
    expect(await message.end()).toMatchObject({ release: [], tooComplex: expect.any(String) });
  });

  it('says where: the channel that the message feeds', async () => {
    const message = createInspector().session('h').open({ body: 'websocket.message', contentEncoding: [] });
    message.field('http.header', 'x', Buffer.from('plain'));
    message.push(Buffer.from(`id ${ID}`));
    expect((await message.end()).findings).toMatchObject([{ channel: 'websocket.message', place: '', offset: 3 }]);
  });
});

describe('an opaque stream', () => {
  it('is not held back, and the chunk that completes a secret is not released', async () => {
    for (const context of [
      { body: 'tcp.bytes' },
      { body: 'tls.bytes' },
      { body: 'http.body', interactive: true },
    ] as const) {
      const message = createInspector()
        .session('h')
        .open({ contentEncoding: [], ...context });
      const push = async (text: string) => message.push(Buffer.from(text));
      expect(await push('SELECT 1;')).toMatchObject({ findings: [], release: [Buffer.from('SELECT 1;')] });
      expect((await push(`INSERT ${ID.slice(0, 8)}`)).findings).toEqual([]);
      const found = await push(`${ID.slice(8)};`);
      expect(found.findings).toMatchObject([{ detector: 'aws-access-key-id', channel: context.body, offset: 16 }]);
      expect(await message.end()).toEqual({ findings: [], release: [] });
    }
  });

  it('remembers the tail and no more', async () => {
    const message = createInspector().session('h').open({ body: 'tcp.bytes', contentEncoding: [] });
    const half = async (gap: number) => {
      await message.push(Buffer.alloc(10_000));
      await message.push(Buffer.from(`machine git.acme.dev login ci password${' '.repeat(2)}`));
      for (let i = 0; i < gap; i++) await message.push(Buffer.from(' '));
      return (await message.push(Buffer.from('s3cr3tpassw0rd'))).findings.length;
    };
    expect(OPAQUE_TAIL).toBe(LOOK_BEHIND + LOOK_AHEAD);
    expect(await half(20)).toBe(0);
    expect(await half(4)).toBe(1);
  });

  it('of small writes does not spend the budget', async () => {
    const message = createInspector().session('h').open({ body: 'tcp.bytes', contentEncoding: [] });
    for (let i = 0; i < 5000; i++) {
      const step = await message.push(Buffer.from(characters(i, 3, BASE64)));
      expect(step.tooComplex).toBeUndefined();
    }
  });
});

describe('Findings', () => {
  it('reports a detector once a place, and is too complex rather than silent at its bound', () => {
    const findings = new Findings();
    const [detector, other] = DETECTORS;
    if (detector === undefined || other === undefined) throw new Error('no detectors');
    for (let i = 0; i < MAX_FINDINGS; i++) {
      findings.place = `p${i}`;
      findings.report(detector, [], i);
      findings.report(detector, ['base64'], i);
    }
    expect(findings.take()).toHaveLength(MAX_FINDINGS);
    findings.report(detector, [], 0);
    expect(findings.take()).toEqual([]);
    expect(() => findings.report(other, [], 0)).toThrow(TooComplex);
  });

  it('never hide one behind others that are accepted, in fields or in the body', async () => {
    const home = checkedToken('gh' + 'p_', 4);
    for (let before = MAX_FINDINGS - 3; before < MAX_FINDINGS + 3; before++) {
      for (const where of ['field', 'body'] as const) {
        const message = createInspector().session('h').open({ body: 'http.body', contentEncoding: [] });
        let seen = '';
        const take = (step: Step) => {
          seen += `${step.findings.map(({ detector }) => detector).join()} ${step.tooComplex ?? ''} `;
        };
        for (let i = 0; i < before; i++) take(await message.field('http.header', `x-${i}`, Buffer.from(home)));
        if (where === 'field') take(await message.field('http.header', 'z', Buffer.from(ID)));
        else {
          take(await message.push(Buffer.from(ID)));
          take(await message.end());
        }
        expect(seen, `${before} ${where}`).toMatch(/aws-access-key-id|more findings/);
      }
    }
  });
});

describe('Blocks', () => {
  it('cuts at fixed offsets however the chunks come', () => {
    const bytes = Buffer.from(characters(1, 100, BASE64));
    for (let size = 1; size < 40; size++) {
      const blocks = new Blocks(16);
      const out: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) out.push(...blocks.push(bytes.subarray(at, at + size)));
      expect(out.map(({ length }) => length)).toEqual([16, 16, 16, 16, 16, 16]);
      expect(Buffer.concat([...out, blocks.end()]).equals(bytes)).toBe(true);
    }
  });
});

describe('HeldBlocks', () => {
  const ALL = Number.POSITIVE_INFINITY;

  it('cuts at fixed offsets and gives each byte up once, in order, however the chunks come and whenever it may go on', () => {
    const bytes = Buffer.from(characters(1, 100, BASE64));
    for (let size = 1; size < 40; size++) {
      for (let behind = 0; behind < 40; behind += 3) {
        const held = new HeldBlocks(16);
        const out: Buffer[] = [];
        let judged = 0;
        for (let at = 0; at < bytes.length; at += size) {
          for (const block of held.push(bytes.subarray(at, at + size))) {
            expect(block.equals(bytes.subarray(judged, judged + 16))).toBe(true);
            judged += block.length;
            out.push(...held.releaseTo(judged - behind));
            expect(Buffer.concat(out).equals(bytes.subarray(0, Math.max(0, judged - behind)))).toBe(true);
          }
          expect(held.length).toBe(Math.min(bytes.length, at + size) - Math.max(0, judged - behind));
        }
        expect(held.end().equals(bytes.subarray(judged))).toBe(true);
        out.push(...held.releaseTo(ALL));
        expect(Buffer.concat(out).equals(bytes)).toBe(true);
        expect(held.length).toBe(0);
      }
    }
  });

  it('goes on in one piece a block, with what was left of the one before; more than the bound goes on by itself', () => {
    const block = Buffer.alloc(2 * MAX_JOINED, 'b');
    for (const [left, pieces] of [
      [MAX_JOINED, [block.length]],
      [MAX_JOINED + 1, [MAX_JOINED + 1, block.length - MAX_JOINED - 1]],
    ] as const) {
      const held = new HeldBlocks(block.length);
      for (const _ of held.push(block)) held.releaseTo(block.length - left);
      for (const _ of held.push(block)) {
        expect(held.releaseTo(2 * block.length - left).map(({ length }) => length)).toEqual(pieces);
      }
    }
  });

  it('gives up nothing of a block that is not complete, nor of what is forgotten', () => {
    const held = new HeldBlocks(16);
    expect([...held.push(Buffer.from('abc')), ...held.push(Buffer.alloc(0))]).toEqual([]);
    expect(held.releaseTo(ALL)).toEqual([]);
    held.clear();
    expect(held.length).toBe(0);
    expect(held.end()).toEqual(Buffer.alloc(0));
    expect(held.releaseTo(ALL)).toEqual([]);
  });
});

describe('memory', () => {
  it('stays bounded over a long body', async () => {
    const message = createInspector().session('h').open({ body: 'http.body', contentEncoding: [] });
    const chunk = ENCODE.base64?.(Buffer.from(checkedTokenText())) as Buffer;
    let taken = 0;
    let given = 0;
    for (let i = 0; i < 600; i++) {
      given += chunk.length;
      const step = await message.push(chunk);
      expect(step.tooComplex).toBeUndefined();
      for (const piece of step.release) taken += piece.length;
      expect(given - taken).toBeLessThan(4 * BLOCK_SIZE);
    }
  });
});

/** Some kilobytes without a token, of a length that keeps base64 aligned from chunk to chunk. */
function checkedTokenText(): string {
  return `${checkedToken('np' + 'x_', 1)} and text. `.repeat(200).slice(0, 9000);
}
