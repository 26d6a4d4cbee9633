import { describe, expect, it } from 'vitest';
import type { Event, Finding, Reason } from '../../../crds/runtime.ts';
import { CUT, MAX_SUBDOMAIN_LENGTH, MIN_RANDOM_LABEL } from '../../../sidecar/audit/redact.ts';
import {
  type InspectName,
  MAX_DOMAIN_CHARACTERS,
  MAX_TEXT_LENGTH,
  MIN_WORD_LENGTH,
  remembering,
  shownEvent,
  shownName,
  shownText,
} from '../../../sidecar/audit/shown.ts';

const KEY = 'akiaiosfodnn7exampl2';

/** Finds KEY over dots, in lower case only; cannot judge what says so. */
const inspectName: InspectName = (name) => {
  if (name.includes('toocomplex')) throw new Error('too complex');
  return name.replaceAll('.', '').includes(KEY) ? [finding('dns.name')] : [];
};

function finding(channel: Finding['channel'], place = ''): Finding {
  return { detector: 'aws', channel, place, decoding: [], offset: 0, homeHosts: [] };
}

const name = (host: string, reason?: Reason): string => shownName(host, reason, inspectName);
const text = (detail: string, reason?: Reason): string => shownText(detail, reason, inspectName);

describe('shownName', () => {
  it.each([undefined, 'dns.name', 'host.not-allowed', 'tls.handshake', 'content.secret'] as const)(
    'cuts a name that carries something, whatever it was refused for: %s',
    (reason) => {
      expect(name(`${KEY}.evil.co`, reason)).toBe(`${CUT}.evil.co`);
      expect(name(`${KEY.toUpperCase()}.evil.co`, reason)).toBe(`${CUT}.evil.co`);
      expect(name(`${KEY.slice(0, 5)}.${KEY.slice(5, 9)}.${KEY.slice(9)}.evil.com`, reason)).toBe(`${CUT}.evil.com`);
    },
  );

  it('cuts the registrable domain too when it carries the finding or a part of it', () => {
    for (const host of [
      `${KEY}.com`,
      `www.${KEY}.com`,
      KEY,
      `${KEY.slice(0, 9)}.${KEY.slice(9)}.com`,
      `${KEY}.${KEY}.com`,
    ]) {
      expect(name(host, 'content.secret')).toBe(CUT);
      expect(name(host)).toBe(CUT);
    }
  });

  it('shows the beginning of the domain, which may be the end of what was found', () => {
    const domain = 'x'.repeat(MAX_DOMAIN_CHARACTERS);
    expect(name(`${KEY}.${domain.slice(3)}.com`)).toBe(`${CUT}.${domain.slice(3)}.com`);
    expect(name(`${KEY}.${domain.slice(2)}.com`)).toBe(`${CUT}.${domain.slice(2)}.co…`);
    expect(name(`${KEY}.${domain}${domain}.com`)).toBe(`${CUT}.${domain}…`);
  });

  it('cuts what cannot be judged', () => {
    expect(name('toocomplex.example.com')).toBe(CUT);
    expect(name('toocomplex.com', 'dns.name')).toBe(CUT);
  });

  it('cuts below the registrable domain what was refused for content', () => {
    for (const reason of ['content.secret', 'content.too-complex', 'dns.budget', 'dns.malformed'] as const) {
      expect(name('an.other.evil.co.uk', reason)).toBe(`${CUT}.evil.co.uk`);
      expect(name('evil.co.uk', reason)).toBe('evil.co.uk');
      expect(name(`${CUT}.evil.co.uk`, reason)).toBe(`${CUT}.evil.co.uk`);
    }
  });

  it('leaves an ordinary name that no rule allows', () => {
    for (const host of [
      'api.example.com',
      'db.build.svc.cluster.local',
      'localhost',
      'cdn-3.eu-west-1.assets.example.org',
    ]) {
      expect(name(host, 'host.not-allowed')).toBe(host);
      expect(name(host, 'dns.name')).toBe(host);
    }
  });

  it('cuts a denied name that looks like data, at the bounds, and shows one that passed', () => {
    const data = 'nbswy3dpeb3w64tmmqqho33s.t.example.com';
    expect(name(data, 'dns.name')).toBe(`${CUT}.example.com`);
    expect(name(data)).toBe(data);
    const long = 'ab.'
      .repeat(40)
      .slice(-MAX_SUBDOMAIN_LENGTH)
      .replace(/^\.|\.$/g, 'c');
    expect(name(`${long}.example.com`, 'dns.name')).not.toContain(CUT);
    expect(name(`${'c'.repeat(MAX_SUBDOMAIN_LENGTH + 1)}.example.com`, 'dns.name')).toBe(`${CUT}.example.com`);
    const label = 'a1b2c3d4e5f6g7h8'.repeat(2);
    expect(name(`${label.slice(0, MIN_RANDOM_LABEL)}.example.com`, 'dns.name')).toBe(`${CUT}.example.com`);
    expect(name(`${label.slice(0, MIN_RANDOM_LABEL - 1)}.example.com`, 'dns.name')).not.toContain(CUT);
    for (const ordinary of [
      'productionresultssa0.blob.core.windows.net',
      'prod-registry-k8s-io-us-east-2.s3.dualstack.us-east-2.amazonaws.com',
      'very-long-host-name-number-7.with-some-long-label.example-domain.com',
    ]) {
      expect(name(ordinary, 'host.not-allowed')).toBe(ordinary);
    }
  });
});

describe('shownText', () => {
  it('leaves what says nothing of the workload', () => {
    for (const detail of [
      '13 bytes',
      'HPE_INVALID_METHOD',
      '10.1.2.3',
      'private address 10.0.0.1',
      'application/json',
    ]) {
      expect(text(detail, 'http.malformed')).toBe(detail);
    }
  });

  it('shows each name in it as a name', () => {
    expect(text(`Host ${KEY}.evil.com:8443`, 'http.method')).toBe(`Host ${CUT}.evil.com:8443`);
    expect(text(`from ${KEY} to api.example.com`)).toBe(`from ${CUT} to api.example.com`);
    expect(text(`Host ${KEY}.com:80`)).toBe(`Host ${CUT}:80`);
  });

  it('cuts below the domain a name that nobody asked for before', () => {
    for (const reason of ['tls.host-mismatch', 'http.host-mismatch'] as const) {
      expect(text('a.b.evil.com', reason)).toBe(`${CUT}.evil.com`);
      expect(text('Host evil.com:80', reason)).toBe('Host evil.com:80');
    }
  });

  it('goes whole when the find is not within one word', () => {
    expect(text(`x${KEY.slice(0, MIN_WORD_LENGTH)}.${KEY.slice(MIN_WORD_LENGTH)}.9`)).toBe(CUT);
    expect(text('toocomplex and more')).not.toContain('toocomplex');
  });
});

it('shows no text longer than the bound', () => {
  expect(text('ab '.repeat(MAX_TEXT_LENGTH).slice(0, MAX_TEXT_LENGTH))).not.toContain(CUT);
  expect(text('ab '.repeat(MAX_TEXT_LENGTH).slice(0, MAX_TEXT_LENGTH + 1))).toBe(CUT);
});

describe('shownEvent', () => {
  const event: Event = { time: 't', id: 'i', action: 'deny', layer: 'http', reason: 'http.method', port: 80 };

  it('goes over every text that the workload wrote', () => {
    const shown = shownEvent(
      {
        ...event,
        host: `${KEY}.evil.com`,
        method: KEY.toUpperCase(),
        path: `/${KEY}`,
        detail: `${KEY.toUpperCase()}`,
        findings: [finding('http.header', KEY)],
      },
      inspectName,
    );
    expect(JSON.stringify(shown)).not.toMatch(new RegExp(KEY, 'i'));
    expect(shown).toMatchObject({ ...event, host: `${CUT}.evil.com`, path: `/${CUT}` });
  });

  it('leaves everything else as it is', () => {
    const full: Event = {
      ...event,
      host: 'api.example.com',
      method: 'PUT',
      path: '/a?b=c',
      status: 403,
      detail: 'PUT',
    };
    expect(shownEvent(full, inspectName)).toEqual(full);
  });
});

describe('remembering', () => {
  it('asks once, keeps a bounded number, and does not remember a failure', () => {
    const asked: string[] = [];
    const remembered = remembering((host) => {
      asked.push(host);
      if (host === 'bad') throw new Error('no');
      return [];
    }, 2);
    for (const host of ['a', 'a', 'b', 'b', 'c', 'a']) remembered(host);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
    expect(() => remembered('bad')).toThrow();
    expect(() => remembered('bad')).toThrow();
    remembered.forget();
    remembered('a');
    expect(asked.slice(-3)).toEqual(['bad', 'bad', 'a']);
  });
});
