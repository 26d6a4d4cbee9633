import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AuthorityState, bundleOf, type Lifetimes, plan } from '../../../webhook/certificates/rotation.ts';
import { secretOf, stateOf } from '../../../webhook/certificates/secret.ts';
import { createServing, createSigner } from '../../../webhook/certificates/sign.ts';

const lifetimes: Lifetimes = { authority: 1000, renewBefore: 300, publish: 50, leaf: 100, skew: 20 };
const T0 = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => T0 + seconds * 1000;
const step = (state: AuthorityState | undefined, seconds: number, isPublished = true) =>
  plan(state, at(seconds), lifetimes, isPublished, () => createSigner(at(seconds), lifetimes));

describe('plan', () => {
  const first = step(undefined, 0).state;

  it('makes one where there is none, and leaves it alone while it has long to live', () => {
    expect(step(undefined, 0).isChanged).toBe(true);
    expect(step(first, 699)).toEqual({ state: first, isChanged: false });
  });

  it('publishes the next one before it is used, and keeps the old one until its leaves have ended', () => {
    const published = step(first, 700);
    expect(published.isChanged).toBe(true);
    expect(published.state.current).toEqual(first.current);
    const next = published.state.next?.signer;
    expect(bundleOf(published.state)).toBe(first.current.certificate + next?.certificate);

    expect(step(published.state, 749).isChanged).toBe(false);
    const promoted = step(published.state, 750);
    expect(promoted.state.current).toEqual(next);
    expect(promoted.state.next).toBeUndefined();
    expect(bundleOf(promoted.state)).toBe(`${next?.certificate}${first.current.certificate}`);

    expect(step(promoted.state, 750 + 119).isChanged).toBe(false);
    expect(step(promoted.state, 750 + 120).state).toEqual({ current: next });
  });

  it('waits until all are known to have the next one, but not beyond the end of the current one', () => {
    const { state } = step(first, 700);
    expect(step(state, 900, false).isChanged).toBe(false);
    expect(step(state, 1000, false).state.current).toEqual(state.next?.signer);
  });

  it('starts anew when everything has ended', () => {
    const late = step(first, 1001);
    expect(late.state.current).not.toEqual(first.current);
    expect(late.state.previous).toBeUndefined();
  });
});

describe('the Secret', () => {
  const full: AuthorityState = {
    current: createSigner(at(0), lifetimes),
    next: { signer: createSigner(at(1), lifetimes), since: at(700) },
    previous: { certificates: createSigner(at(-900), lifetimes).certificate, until: at(800) },
  };

  it('holds every stage, there and back', () => {
    expect(stateOf(secretOf(full, 'weir-system', 'weir-ca'))).toEqual(full);
    const { current } = full;
    expect(stateOf(secretOf({ current }, 'weir-system', 'weir-ca'))).toEqual({ current });
    expect(secretOf({ current }, 'weir-system', 'weir-ca', '7').metadata?.resourceVersion).toBe('7');
  });

  it('takes one that somebody else made, and says what is wrong with it', () => {
    const encode = (text: string) => Buffer.from(text).toString('base64');
    const { certificate, key } = full.current;
    const data = { 'tls.crt': encode(certificate), 'tls.key': encode(key) };
    expect(stateOf({ data })?.current).toEqual(full.current);
    expect(stateOf({ data: {} })).toBeUndefined();
    const other = createSigner(at(0), lifetimes);
    expect(() => stateOf({ data: { ...data, 'tls.key': encode(other.key) } })).toThrow(/ca\.crt and ca\.key/);
    expect(() => stateOf({ data: { ...data, 'tls.crt': encode('text') } })).toThrow(/ca\.crt and ca\.key/);
  });
});

describe('a leaf', () => {
  it('is for one name, begins in the past, and ends with its authority at the latest', () => {
    const signer = createSigner(at(0), lifetimes);
    const serving = createServing('weir.weir-system.svc', signer, at(950), lifetimes);
    const leaf = new X509Certificate(serving.certificate);
    expect(leaf.checkHost('weir.weir-system.svc')).toBe('weir.weir-system.svc');
    expect(leaf.checkIssued(new X509Certificate(signer.certificate))).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(serving.key))).toBe(true);
    expect(leaf.validFromDate.getTime()).toBe(at(930));
    expect(leaf.validToDate.getTime()).toBe(signer.notAfter);
    expect(serving.notAfter).toBe(signer.notAfter);
  });
});
