import { expect, test } from 'vitest';
import { parseHosts, parseResolvConf } from '../../../cli/run/resolver-files.ts';

test('resolv.conf: nameservers in order, the last search list', () => {
  const text =
    '# c\nnameserver 10.0.0.1\nnameserver ::1\nnameserver nonsense\ndomain a.example\nsearch B.example. c\noptions ndots:5\n';
  expect(parseResolvConf(text)).toEqual({ nameservers: ['10.0.0.1', '::1'], searchDomains: ['b.example', 'c'] });
});

test('resolv.conf without a nameserver means this machine', () => {
  expect(parseResolvConf('')).toEqual({ nameservers: ['127.0.0.1'], searchDomains: [] });
});

test('hosts: every address of a name, none of the loopback', () => {
  const text =
    '127.0.0.1 localhost\n127.0.1.1 box\n::1 localhost\n10.1.2.3 DB.corp. db # the database\nfd00::3 db\nx y\n10.9.9.9\n';
  expect(Array.from(parseHosts(text))).toEqual([
    ['db.corp', ['10.1.2.3']],
    ['db', ['10.1.2.3', 'fd00::3']],
  ]);
});
