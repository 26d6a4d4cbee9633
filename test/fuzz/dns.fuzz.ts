/** Properties of the DNS room: what crosses is a function of a judged name, whatever bytes come in from either side. */
import fc from 'fast-check';
import type { Event, RuntimePolicy, Verdict } from '../../crds/runtime.ts';
import { NameBudget } from '../../sidecar/dns/budget.ts';
import { followChain, MAX_ALIASES } from '../../sidecar/dns/chain.ts';
import {
  decodeQuery,
  decodeResponse,
  encodeAnswer,
  encodeQuery,
  MAX_RECORDS,
  type Query,
} from '../../sidecar/dns/codec.ts';
import { Expansions } from '../../sidecar/dns/expansions.ts';
import { FrameReader, frame } from '../../sidecar/dns/frames.ts';
import { hostOf, labelsOf } from '../../sidecar/dns/names.ts';
import { ResolveError } from '../../sidecar/dns/resolver.ts';
import { createDnsService, type DnsPolicy } from '../../sidecar/dns/service.ts';
import { SyntheticAddresses } from '../../sidecar/dns/synthetic.ts';
import { encodeName, MAX_NAME_BYTES, readName, sameName } from '../../sidecar/dns/wire.ts';

const octets = (max: number) => fc.uint8Array({ maxLength: max }).map((bytes) => Buffer.from(bytes));
const label = fc.uint8Array({ minLength: 1, maxLength: 63 }).map((bytes) => Buffer.from(bytes));
const wireName = fc.array(label, { maxLength: 8 }).filter((labels) => encodeName(labels).length <= MAX_NAME_BYTES);
const hostLabel = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/).map((text) => Buffer.from(text));
const someName = fc.oneof(
  wireName,
  fc.array(hostLabel, { maxLength: 6 }),
  fc.constant([Buffer.from('allowed'), Buffer.from('example')] as Buffer[]),
);
const id = fc.nat(0xffff);
const type = fc.oneof(fc.constantFrom(1, 28, 16, 15, 33, 65, 41, 255), fc.nat(0xffff));

const opt = fc.record({ size: id, flags: id, options: octets(24) }).map(({ size, flags, options }) => {
  const fixed = Buffer.alloc(11);
  fixed.writeUInt16BE(41, 1);
  fixed.writeUInt16BE(size, 3);
  fixed.writeUInt16BE(flags, 7);
  fixed.writeUInt16BE(options.length, 9);
  return Buffer.concat([fixed, options]);
});

/** Queries as clients send them. */
const goodQuery = fc.record({ id, labels: someName, type, edns: fc.option(opt) }).map(({ edns, ...question }) => {
  const message = Buffer.concat([encodeQuery(question), edns ?? Buffer.alloc(0)]);
  if (edns) message.writeUInt16BE(1, 10);
  return message;
});

/** Bytes overwritten, cut or added in a good message: what plain noise seldom reaches. */
function damaged(message: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const edits = fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 6 });
  return fc.tuple(message, edits, fc.nat(20), octets(20)).map(([bytes, changes, cut, tail]) => {
    const copy = Buffer.concat([bytes.subarray(0, Math.max(0, bytes.length - cut)), tail]);
    for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
    return copy;
  });
}

const anyQuery = fc.oneof(goodQuery, damaged(goodQuery), octets(600));

const record = fc
  .record({
    owner: fc.oneof(someName.map(encodeName), fc.nat(0x3fff).map(pointer)),
    type: fc.oneof(fc.constantFrom(1, 2, 5, 5, 6, 15, 16, 28, 33, 257), id),
    ttl: fc.nat(),
    rdata: fc.oneof(octets(30), someName.map(encodeName), fc.nat(0x3fff).map(pointer)),
  })
  .map(({ owner, type, ttl, rdata }) => {
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(type, 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt32BE(ttl, 4);
    fixed.writeUInt16BE(rdata.length, 8);
    return Buffer.concat([owner, fixed, rdata]);
  });

function pointer(target: number): Buffer {
  return Buffer.of(0xc0 | (target >> 8), target & 0xff);
}

const question = fc.record({ id, labels: someName, type });
const responseTo = question.chain((asked) =>
  fc
    .tuple(fc.constant(asked), fc.array(record, { maxLength: 6 }), fc.nat(4), fc.nat(4), fc.nat(0xf))
    .map(([expected, records, answers, authority, rcode]) => {
      const message = Buffer.concat([encodeQuery(expected), ...records]);
      message.writeUInt16BE(0x8180 | rcode, 2);
      message.writeUInt16BE(Math.min(answers, records.length), 6);
      message.writeUInt16BE(Math.min(authority, records.length - Math.min(answers, records.length)), 8);
      return { expected, message };
    }),
);
const anyResponse = fc.oneof(
  responseTo,
  fc.tuple(question, octets(600)).map(([expected, message]) => ({ expected, message })),
  responseTo.chain(({ expected, message }) =>
    damaged(fc.constant(message)).map((bytes) => ({ expected, message: bytes })),
  ),
);

const POLICY: RuntimePolicy = {
  schema: 1,
  hash: '',
  mode: 'Enforce',
  policies: ['p'],
  rules: [],
  dns: { queryTypes: ['A', 'AAAA', 'TXT'], denied: 'Explain', budget: 64 },
  content: { disabledDetectors: [], homeHosts: [], suppressions: [] },
};
const isAllowed = (host: string): boolean => host === 'allowed.example' || host.endsWith('.allowed.example');
const policy: DnsPolicy = {
  policy: POLICY,
  accountOf: () => 'allowed.example',
  decideName: (host): Verdict => (isAllowed(host) ? { allow: true } : { allow: false, reason: 'dns.name' }),
  decideFindings: (_rule, _host, findings) => [...findings],
  judge: (denial) => ({ allow: false, ...denial }),
};

/** Names of a query that asks for something allowed, with whatever else a client may choose. */
const allowedName = fc
  .array(hostLabel, { maxLength: 3 })
  .map((labels) => [...labels, Buffer.from('AlloWed'), Buffer.from('eXample')]);
const allowedQuery = fc.record({ id, labels: allowedName, type, edns: fc.option(opt) }).map(({ edns, ...asked }) => {
  const message = Buffer.concat([encodeQuery(asked), edns ?? Buffer.alloc(0)]);
  if (edns) message.writeUInt16BE(1, 10);
  return message;
});

function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

const queryRoundTrip = fc.property(question, ({ id, labels, type }) => {
  const decoded = decodeQuery(encodeQuery({ id, labels, type }));
  if (type === 0 || type === 41) return assert(!decoded.ok, 'no such question');
  assert(decoded.ok, 'an own query is not understood');
  const { query } = decoded;
  assert(query.id === id && query.type === type && sameName(query.labels, labels, true), 'changed on the way');
});

const answerRoundTrip = fc.property(
  question,
  fc.array(
    fc.record({
      ttl: fc.nat(0x7fff_ffff),
      rdata: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    }),
    { maxLength: 20 },
  ),
  fc.option(fc.record({ udpBytes: id, dnssecOk: fc.boolean() }), { nil: undefined }),
  ({ id, labels }, records, edns) => {
    const query: Query = { id, labels, type: 1, recursionDesired: true, checkingDisabled: false, edns };
    const message = encodeAnswer(
      query,
      0,
      records.map((each) => ({ type: 1, ...each })),
      65_535,
    );
    const decoded = decodeResponse(message, { id, labels, type: 1 }, true);
    assert(decoded.kind === 'reply', decoded.kind);
    assert(decoded.answers.length === records.length, 'records were lost');
    for (const [i, { ttl, rdata, owner }] of decoded.answers.entries()) {
      assert(
        ttl === records[i]?.ttl && rdata.equals(records[i]?.rdata as Buffer) && sameName(owner, labels, true),
        'changed on the way',
      );
    }
    assert(message.readUInt16BE(10) === (edns ? 1 : 0), 'OPT if and only if there was one');
  },
);

const namesAreBounded = fc.property(octets(800), fc.nat(800), fc.boolean(), (message, at, compression) => {
  const found = readName(message, at, compression);
  if (!found) return;
  assert(encodeName(found.labels).length <= MAX_NAME_BYTES, 'too long');
  assert(found.end > at && found.end <= message.length, 'ends outside');
  const host = hostOf(found.labels);
  if (host) {
    assert(/^[a-z0-9_.-]*$/.test(host.host), 'octets of no host');
    assert(host.host.split('.').length === Math.max(1, found.labels.length), 'a dot hid in a label');
    if (host.host !== '') assert(sameName(labelsOf(host.host) ?? [], found.labels), 'not the same name');
  }
});

const responsesAreContained = fc.property(anyResponse, fc.boolean(), ({ expected, message }, exactCase) => {
  const decoded = decodeResponse(message, expected, exactCase);
  if (decoded.kind !== 'reply') return;
  assert(decoded.answers.length <= MAX_RECORDS, 'unbounded');
  for (const { rdata, type } of decoded.answers) {
    if (type === 5) assert(readName(rdata, 0, false)?.end === rdata.length, 'an alias that needs its message');
    if (type === 1) assert(rdata.length === 4, 'no address');
  }
  const outcome = followChain(decoded, expected.labels, expected.type, MAX_ALIASES);
  if ('aliases' in outcome) assert(outcome.aliases <= MAX_ALIASES, 'unbounded');
});

/** Whatever comes in: an answer to exactly that, nothing asked but judged names in their one form, no crash. */
const nothingUnparsedIsForwarded = fc.asyncProperty(
  fc.array(fc.oneof(anyQuery, allowedQuery, damaged(allowedQuery)), { maxLength: 5 }),
  async (messages) => {
    const asked: { host: string; type: string }[] = [];
    const emit = (event: Event): void =>
      assert(event.action !== 'deny' || event.reason !== undefined, 'a denial without reason');
    const handle = createDnsService({
      engine: () => policy,
      resolver: {
        resolve: async (host) => {
          asked.push({ host, type: 'A' });
          return { addresses: ['192.0.2.1'], ttl: 300 };
        },
        query: async (host, type) => {
          asked.push({ host, type });
          throw new ResolveError('NODATA', host);
        },
      },
      synthetic: new SyntheticAddresses(),
      budget: new NameBudget(),
      ask: async () => [],
      inspect: async () => [],
      emit,
      expansions: new Expansions(emit),
      facts: { searchDomains: ['cluster.local'], hasIpv6Route: true },
    });
    for (const message of messages) {
      const before = asked.length;
      const answer = await handle(message, 'udp');
      const decoded = decodeQuery(message);
      for (const { host, type } of asked.slice(before)) {
        assert(
          decoded.ok && isAllowed(host) && host === hostOf(decoded.query.labels)?.host,
          `asked for ${JSON.stringify(host)}`,
        );
        assert(['A', 'TXT', 'MX', 'SRV', 'CAA', 'NS', 'SOA', 'PTR'].includes(type), `asked for type ${type}`);
      }
      if (!answer) {
        assert(!decoded.ok && decoded.drop === true, 'a query without an answer');
        continue;
      }
      assert(answer.readUInt16BE(0) === message.readUInt16BE(0), 'not its id');
      assert(((answer[3] as number) & 0xf) !== 5, 'REFUSED');
      assert(answer.length <= 1232, 'too long for a datagram');
      if (decoded.ok) {
        const { labels, type } = decoded.query;
        const read = decodeResponse(answer, { id: decoded.query.id, labels, type }, true);
        assert(read.kind === 'reply', `an answer that is ${read.kind}`);
      }
    }
  },
);

const framesDoNotDependOnSegments = fc.property(
  fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 }),
  fc.array(fc.nat(30), { maxLength: 20 }),
  (messages, cuts) => {
    let stream = Buffer.concat(messages.map((message) => frame(Buffer.from(message))));
    const reader = new FrameReader(40);
    const found: Buffer[] = [];
    for (const cut of cuts) {
      found.push(...(reader.push(stream.subarray(0, cut)) ?? []));
      stream = stream.subarray(cut);
    }
    found.push(...(reader.push(stream) ?? []));
    assert(
      found.length === messages.length && found.every((bytes, i) => bytes.equals(messages[i] as Uint8Array)),
      'framed otherwise',
    );
  },
);

export const properties = [
  { name: 'own queries round trip', property: queryRoundTrip },
  { name: 'answers round trip', property: answerRoundTrip },
  { name: 'names are bounded and hide no dots', property: namesAreBounded },
  { name: 'responses are contained', property: responsesAreContained },
  { name: 'nothing unparsed is forwarded', property: nothingUnparsedIsForwarded },
  { name: 'frames do not depend on segments', property: framesDoNotDependOnSegments },
];
