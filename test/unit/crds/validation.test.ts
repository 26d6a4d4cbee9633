import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, rule, spec } from './texts.ts';

describe('validation', () => {
  it.each<[string, string[]]>([
    ['{mode: enforce}', ['mode: must be one of Enforce, Audit | did you mean Enforce?']],
    ['{mode: 1}', ['mode: must be text, not 1']],
    ['{egres: []}', ['egres: unknown field | did you mean egress?']],
    ['{egress: {}}', ['egress: must be a list, not a mapping']],
    ['{egress: [null]}', ['egress[0]: must be a mapping, not empty']],
    [
      '{egress: [{name: a, preset: {name: git-fetch}}, {name: a, preset: {name: npm-install}}]}',
      ['egress[1]: two items have the name "a" | rename one of them, or put them together'],
    ],
    [
      '{podSelector: {matchLabels: {"a/": b}}}',
      ['podSelector.matchLabels: a label key is a name such as stage, or a domain and a name such as acme.dev/team'],
    ],
    ['{podSelector: {matchLabels: {a: "b c"}}}', ['podSelector.matchLabels.a: "b c" is not allowed here']],
    [
      '{podSelector: {matchExpressions: [{key: a, operator: In}]}}',
      ['podSelector.matchExpressions[0].values: In needs values: add values: [...]'],
    ],
    [
      '{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}',
      ['podSelector.matchExpressions[0].values: Exists takes no values: remove them'],
    ],
    [
      '{podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}}',
      ['podSelector.matchExpressions[0].operator: must be one of In, NotIn, Exists, DoesNotExist | did you mean In?'],
    ],
    ['{dns: {queryTypes: [A, A]}}', ['dns.queryTypes[1]: "A" is given twice | remove one of them']],
    ['{dns: {queryTypes: [HTTPS]}}', ['dns.queryTypes[0]: must be one of A, AAAA, TXT, MX, SRV, CAA, NS, SOA, PTR']],
    ['{dns: {queryTypes: []}}', ['dns.queryTypes: must not be empty | remove the field, or fill it']],
    ['{dns: {budget: -1}}', ['dns.budget: must be at least 0']],
    ['{dns: {denied: NXDOMAIN}}', ['dns.denied: must be one of Explain, NXDomain | did you mean NXDomain?']],
    [
      '{content: {detectors: {disabled: [github-tokn]}}}',
      ['content.detectors.disabled[0]: there is no detector "github-tokn" | did you mean github-token?'],
    ],
    [
      '{content: {detectors: {disabled: [zzz]}}}',
      ['content.detectors.disabled[0]: there is no detector "zzz" | the detectors are github-token, jwt, npm-token'],
    ],
    [
      '{content: {patterns: [{name: a, regex: "[a-z0-9]{32}"}]}}',
      [
        'content.patterns[0].regex: no text of 3 characters is in every match | begin with what your secrets begin with, or put what stands before them: acme_[a-z0-9]{32}, acme_key=[a-z0-9]{32}',
      ],
    ],
    [
      '{content: {patterns: [{name: a, regex: "acme_(", hosts: ["*.com"]}]}}',
      [
        'content.patterns[0].regex: it cannot be run: missing closing ): `acme_(` | write it in the syntax of RE2',
        'content.patterns[0].hosts[0]: anyone can register a name under "com", so "*.com" would allow everyone | "*.example.com"',
      ],
    ],
    [
      '{content: {patterns: [{name: key, regex: "acme_[0-9]+"}], detectors: {disabled: [pattern/key, pattern/kye]}}}',
      [
        'warning content.detectors.disabled[1]: this policy has no pattern "kye": it counts when another policy of the pod has | did you mean pattern/key?',
      ],
    ],
    [
      '{content: {homeHosts: [{detector: jwt, hosts: ["*.com"]}]}}',
      [
        'content.homeHosts[0].hosts[0]: anyone can register a name under "com", so "*.com" would allow everyone | "*.example.com"',
      ],
    ],
    [
      '{content: {homeHosts: [{detector: jwt, hosts: [a.dev]}, {detector: jwt, hosts: [b.dev]}]}}',
      ['content.homeHosts[1]: two items have the detector "jwt" | rename one of them, or put them together'],
    ],
    [
      '{content: {suppressions: [{detector: jwt, rule: x}]}}',
      [
        'content.suppressions: a suppression names a rule that this policy does not have: write the name of one in egress',
      ],
    ],
    [
      '{egress: [{name: x, preset: {name: git-fetch}}], content: {suppressions: [{detector: jwt, rule: x}, {detector: jwt, rule: x}]}}',
      [
        'content.suppressions[1]: two items have the detector "jwt" and the rule "x" | rename one of them, or put them together',
      ],
    ],
    [
      '{egress: [{name: xs, preset: {name: git-fetch}}], content: {suppressions: [{detector: jwt, rule: xss}]}}',
      [
        'content.suppressions: a suppression names a rule that this policy does not have: write the name of one in egress | did you mean xs?',
      ],
    ],
  ])('%s', (text, problems) => {
    expect(spec(text)).toEqual(problems);
  });

  it.each<[string, string[]]>([
    [
      '{name: A b, to: {hosts: [a.dev]}}',
      ['name: a name has lower-case letters, digits and hyphens, and starts and ends with a letter or digit | a-b'],
    ],
    ['{name: a}', ['to.hosts: the rule names no host: add to: {hosts: [...]}, or a preset']],
    ['{name: a, to: {ports: [443]}}', ['to.hosts: the rule names no host: add to: {hosts: [...]}, or a preset']],
    ['{to: {hosts: [a.dev]}}', ['name: the field "name" is missing | add name:']],
    [
      '{name: a, preset: {name: npm}}',
      [
        'preset.name: there is no such preset | the presets are git-fetch, npm-install, npm-publish, oci-pull, otlp-export, pypi-install',
      ],
    ],
    ['{name: a, preset: {name: npm-instal}}', ['preset.name: there is no such preset | did you mean npm-install?']],
    [
      '{name: a, protocol: TLS, to: {hosts: [a.dev]}}',
      [
        'limits.uploadSize: TLS needs limits.uploadSize, since nobody judges what is sent: add limits: {uploadSize: 1Mi}',
      ],
    ],
    [
      '{name: a, protocol: TCP, to: {hosts: [a.dev]}, limits: {uploadSize: 1}}',
      ['to.ports: TCP has no usual port: add ports: [...] under to'],
    ],
    [
      '{name: a, protocol: TLS, to: {hosts: [a.dev]}, http: [{methods: [GET]}], limits: {uploadSize: 1}}',
      ['http: TLS is not decrypted, so requests cannot be judged: remove http, or use protocol: HTTPS'],
    ],
    [
      '{name: a, protocol: TLS, preset: {name: git-fetch}, limits: {uploadSize: 1}}',
      ['preset: a preset cannot be used with TLS: remove protocol, or the preset'],
    ],
    ['{name: a, protocol: UDP, to: {hosts: [a.dev]}}', ['protocol: must be one of HTTPS, HTTP, TLS, TCP']],
    [
      '{name: a, to: {hosts: [a.dev], ports: [53]}}',
      ['to.ports[0]: port 53 is DNS, which Weir answers itself: remove it'],
    ],
    ['{name: a, to: {hosts: [a.dev], ports: [0]}}', ['to.ports[0]: must be at least 1']],
    ['{name: a, to: {hosts: [a.dev], ports: [65536]}}', ['to.ports[0]: must be at most 65535']],
    ['{name: a, to: {hosts: [a.dev], ports: ["443"]}}', ['to.ports[0]: must be a whole number, not "443"']],
    [
      '{name: a, protocol: TLS, to: {hosts: [a.dev], ports: [853]}, limits: {uploadSize: 1}}',
      ['warning to.ports[0]: names asked over DNS over TLS are not judged'],
    ],
    ['{name: a, to: {hosts: []}}', ['to.hosts: must not be empty | remove the field, or fill it']],
    ['{name: a, to: {hosts: [a.dev, a.dev]}}', ['to.hosts[1]: "a.dev" is given twice | remove one of them']],
    [
      '{name: a, to: {hosts: [a.dev, A.dev]}}',
      ['to.hosts[1]: "A.dev" is the same host as "a.dev" | remove one of them'],
    ],
    [
      '{name: a, to: {hosts: ["*.github.io"]}}',
      [
        'warning to.hosts[0]: anyone can get a name under "github.io", so "*.github.io" lets data out to everyone | name the hosts that the build needs',
      ],
    ],
    [
      '{name: a, to: {hosts: ["*.amazonaws.com"]}}',
      [
        'warning to.hosts[0]: anyone can get a name under "amazonaws.com", so "*.amazonaws.com" lets data out to everyone | name the hosts that the build needs',
      ],
    ],
    [
      '{name: a, to: {hosts: ["*.acmetld"]}}',
      ['warning to.hosts[0]: "*.acmetld" covers a whole top-level domain | name a domain: "*.example.acmetld"'],
    ],
    [
      '{name: a, to: {hosts: [db]}}',
      [
        'warning to.hosts[0]: "db" is looked up as it stands, without search domains | in a cluster: db.NAMESPACE.svc.cluster.local',
      ],
    ],
    [
      '{name: a, to: {hosts: [db.ci.svc.cluster.local]}}',
      [
        'warning to.hosts[0]: "db.ci.svc.cluster.local" most likely resolves to a private address, which is refused | add addressScope: Private',
      ],
    ],
    ['{name: a, to: {hosts: [db.ci.svc.cluster.local], addressScope: Private}}', []],
    ['{name: a, to: {hosts: [a.dev]}, http: []}', ['http: must not be empty | remove the field, or fill it']],
    ['{name: a, to: {hosts: [a.dev]}, http: [{}]}', ['http[0]: must not be empty | remove the field, or fill it']],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{methods: [post]}]}',
      ['http[0].methods[0]: methods are written in capitals | POST'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{methods: [CONNECT]}]}',
      ['http[0].methods[0]: CONNECT and TRACE are never forwarded: remove it'],
    ],
    ['{name: a, to: {hosts: [a.dev]}, http: [{paths: [v1]}]}', ['http[0].paths[0]: a path starts with `/` | /v1']],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{paths: ["/a**"]}]}',
      ['http[0].paths[0]: `**` stands for whole segments | /a*/**'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{paths: ["/a?b=c"]}]}',
      ['warning http[0].paths[0]: `?` and `#` here stand for themselves in the path, not for a query | use query'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{paths: ["/a%20b"]}]}',
      ['warning http[0].paths[0]: paths are compared decoded, so this matches no plain encoding | /a b'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{paths: ["/a%ffb"]}]}',
      ['warning http[0].paths[0]: paths are compared decoded, so this matches no plain encoding'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{paths: [//a]}]}',
      ['warning http[0].paths[0]: this matches a path with an empty segment | /a'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{query: [{name: a}, {name: a}]}]}',
      ['http[0].query[1]: two items have the name "a" | rename one of them, or put them together'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{contentTypes: ["Application/JSON; charset=utf-8"]}]}',
      [
        'http[0].contentTypes[0]: a content type is type/subtype in lower case, without parameters or wildcards | application/json',
      ],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{contentTypes: ["text/*"]}]}',
      ['http[0].contentTypes[0]: a content type is type/subtype in lower case, without parameters or wildcards'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{maxBodySize: 16K}]}',
      ['http[0].maxBodySize: "16K" is not a size: bytes, or a number with Ki, Mi or Gi | 16Ki'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{maxBodySize: 1.5}]}',
      ['http[0].maxBodySize: must be a whole number or text, not 1.5'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{maxBodySize: 99999999999Gi}]}',
      ['http[0].maxBodySize: this size is too large: a size has at most 15 digits, 12 with Ki, 9 with Mi, 6 with Gi'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{forwardHeaders: [Host]}]}',
      ['http[0].forwardHeaders[0]: Weir writes or drops Host itself: remove it'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{forwardHeaders: [Accept, accept]}]}',
      ['http[0].forwardHeaders[1]: accept is listed twice | remove one of them'],
    ],
    [
      '{name: a, to: {hosts: [a.dev]}, http: [{forwardHeaders: ["Accept:"]}]}',
      ['http[0].forwardHeaders[0]: "Accept:" is not a header name | Accept'],
    ],
    ['{name: a, to: {hosts: [a.dev]}, limits: {}}', ['limits: must not be empty | remove the field, or fill it']],
    [
      '{name: a, to: {hosts: [a.dev]}, limits: {uploadSize: 10MB}}',
      ['limits.uploadSize: "10MB" is not a size: bytes, or a number with Ki, Mi or Gi | 10Mi'],
    ],
    ['{name: a, to: {hosts: [a.dev]}, limits: {requests: 0}}', ['limits.requests: must be at least 1']],
    [
      '{name: a, to: {hosts: ["https://a.dev/x"]}, htp: []}',
      [
        'to.hosts[0]: write the host name alone, without scheme, port, path, brackets or blanks | a.dev',
        'htp: unknown field | did you mean http?',
      ],
    ],
  ])('%s', (text, problems) => {
    expect(rule(text)).toEqual(problems);
  });

  it.each([
    ['TCP', 'HTTPS', 'a.dev', 'a.dev', true],
    ['TCP', 'HTTP', 'a.dev', 'a.dev', true],
    ['TCP', 'TLS', 'a.dev', '"*.x.dev"', false],
    ['TLS', 'HTTPS', '"*.x.dev"', 'a.x.dev', true],
    ['TLS', 'HTTP', 'a.dev', 'a.dev', false],
    ['HTTPS', 'HTTP', 'a.dev', 'a.dev', false],
  ])('one destination speaks one protocol: %s and %s on %s and %s', (one, other, host, otherHost, isMix) => {
    const item = (name: string, protocol: string, to: string) =>
      `{name: ${name}, protocol: ${protocol}, to: {hosts: [${to}], ports: [443]}${protocol.startsWith('HTTP') ? '' : ', limits: {uploadSize: 1}'}}`;
    const problems = spec(`{egress: [${item('a', one, host)}, ${item('b', other, otherHost)}]}`);
    expect(problems.length).toBe(isMix ? 1 : 0);
    if (isMix) expect(problems[0]).toContain(`${other} here and ${one} in rule "a" are for the same host and port`);
  });

  it('tells everything at once', () => {
    const { problems } = parse(readFileSync(new URL('broken.yaml', import.meta.url), 'utf8'));
    expect(problems.map(({ line, column, path, severity }) => `${line}:${column} ${severity} ${path}`)).toEqual([
      '6:9 error spec.mode',
      '11:13 error spec.egress[0].to.hosts[0]',
      '12:13 error spec.egress[0].to.hosts[1]',
      '13:13 warning spec.egress[0].to.hosts[2]',
      '15:26 error spec.egress[0].http[0].methods[1]',
      '16:19 error spec.egress[0].http[0].paths[0]',
      '18:7 error spec.egress[1].limit',
      '21:19 error spec.content.suppressions',
      '21:32 error spec.content.suppressions[0].detector',
    ]);
  });
});
