import type { V1TokenReview } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import {
  BAD_MS,
  GOOD_MS,
  MAX_REMEMBERED,
  MAX_TOKEN_LENGTH,
  REVIEWS,
  Tokens,
} from '../../../webhook/policies/tokens.ts';

const START = 1_000_000_000;

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}
const tokenOf = (name: string, expires = START + 3_600_000, aud: unknown = ['weir.dev']) =>
  jwt({ name, aud, exp: expires / 1000 });

const GOOD: V1TokenReview['status'] = {
  authenticated: true,
  audiences: ['weir.dev'],
  user: {
    username: 'system:serviceaccount:ci:default',
    extra: {
      'authentication.kubernetes.io/pod-name': ['web'],
      'authentication.kubernetes.io/pod-uid': ['u-1'],
    },
  },
};

function tokens(status: V1TokenReview['status'] | Error = GOOD) {
  const asked: string[] = [];
  const clock = { now: START };
  const review = async (token: string): Promise<V1TokenReview> => {
    asked.push(token);
    if (status instanceof Error) throw status;
    return { spec: { token }, ...(status && { status }) };
  };
  return { asked, clock, tokens: new Tokens(review, { now: () => clock.now }) };
}

describe('Tokens', () => {
  it('asks once for a token, and again after GOOD_MS or when it expires', async () => {
    const { asked, clock, tokens: room } = tokens();
    const long = `Bearer ${tokenOf('long')}`;
    const identity = { pod: { namespace: 'ci', pod: 'web', uid: 'u-1' } };
    expect(await room.judge(long, '10.0.0.1')).toEqual(identity);
    clock.now += GOOD_MS - 1;
    expect(await room.judge(long, '10.0.0.1')).toEqual(identity);
    expect(asked.length).toBe(1);
    clock.now += 1;
    await room.judge(long, '10.0.0.1');
    expect(asked.length).toBe(2);

    const short = `Bearer ${tokenOf('short', clock.now + 1000)}`;
    await room.judge(short, '10.0.0.1');
    clock.now += 1000;
    expect(await room.judge(short, '10.0.0.1')).toEqual({ bad: expect.stringContaining('expired') });
    expect(asked.length).toBe(3);
  });

  it('asks once for many at the same time, and of one address for no more than REVIEWS', async () => {
    const { asked, tokens: room } = tokens();
    const same = `Bearer ${tokenOf('same')}`;
    await Promise.all([room.judge(same, 'a'), room.judge(same, 'b'), room.judge(same, 'a')]);
    expect(asked.length).toBe(1);
    const most = REVIEWS.atOnce + REVIEWS.perAsker;
    const many = Array.from({ length: most + 1 }, (_, i) => room.judge(`Bearer ${tokenOf(`t${i}`)}`, 'a'));
    const last = room.judge(`Bearer ${tokenOf('other')}`, 'b');
    const verdicts = await Promise.all(many);
    expect(verdicts.filter((verdict) => 'busy' in verdict).length).toBe(1);
    expect(await last).toHaveProperty('pod');
  });

  it('keeps nobody waiting for what another address asks', async () => {
    const { asked, tokens: room } = tokens();
    const flood = Array.from({ length: 600 }, (_, i) => room.judge(`Bearer ${tokenOf(`forged${i}`)}`, 'a'));
    const honest = tokenOf('honest');
    await room.judge(`Bearer ${honest}`, 'b');
    expect(asked.indexOf(honest)).toBeLessThan(2 * REVIEWS.atOnce);
    await Promise.all(flood);
  });

  it('remembers a bad token for BAD_MS, and nothing when the API server does not answer', async () => {
    const { asked, clock, tokens: room } = tokens({ authenticated: false });
    const bad = `Bearer ${tokenOf('bad')}`;
    expect(await room.judge(bad, '10.0.0.1')).toEqual({ bad: 'the token is not valid' });
    clock.now += BAD_MS - 1;
    await room.judge(bad, '10.0.0.1');
    expect(asked.length).toBe(1);
    clock.now += 1;
    await room.judge(bad, '10.0.0.1');
    expect(asked.length).toBe(2);

    const away = tokens(new Error('away'));
    expect(await away.tokens.judge(bad, '10.0.0.1')).toEqual({ busy: expect.any(String) });
    await away.tokens.judge(bad, '10.0.0.1');
    expect(away.asked.length).toBe(2);
  });

  it('does not ask for what cannot be a token of ours', async () => {
    const { asked, tokens: room } = tokens();
    const long = `${tokenOf('x')}${'a'.repeat(MAX_TOKEN_LENGTH)}`;
    const texts = [undefined, '', 'Basic YQ==', 'Bearer ', 'Bearer a.b.c', `Bearer ${long}`];
    const others = [tokenOf('aud', START + 1000, ['other']), tokenOf('old', START)];
    for (const text of [...texts, ...others.map((token) => `Bearer ${token}`)]) {
      expect(await room.judge(text, '10.0.0.1')).toHaveProperty('bad');
    }
    expect(asked).toEqual([]);
  });

  it.each([
    ['for another audience', { ...GOOD, audiences: ['other'] }],
    ['of a user', { ...GOOD, user: { ...GOOD.user, username: 'admin' } }],
    ['of no pod', { ...GOOD, user: { ...GOOD.user, extra: {} } }],
  ])('refuses a token %s', async (_, status) => {
    expect(await tokens(status).tokens.judge(`Bearer ${tokenOf('x')}`, '10.0.0.1')).toHaveProperty('bad');
  });

  it('remembers at most MAX_REMEMBERED', async () => {
    const { tokens: room } = tokens();
    for (let i = 0; i <= MAX_REMEMBERED; i++) await room.judge(`Bearer ${tokenOf(`${i}`)}`, '10.0.0.1');
    expect(room.size).toBe(MAX_REMEMBERED);
  });
});
