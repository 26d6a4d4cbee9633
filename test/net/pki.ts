/** The test internet's certificate authority and one certificate for all its names, made with openssl. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ALLOWED, ATTACKER_ZONE } from './plan.ts';
import { must } from './process.ts';

export interface Pki {
  ca: string;
  certificate: string;
  key: string;
}

const NAMES = [ALLOWED.name, `*.${ALLOWED.name}`, `*.${ATTACKER_ZONE}`, '*.rebind.example', '*.corp.example'];

/** Files `ca.crt`, `server.crt` (chain) and `server.key` in `directory`. */
export async function makePki(directory: string, names: readonly string[] = NAMES): Promise<Pki> {
  const file = (name: string) => path.join(directory, name);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  writeFileSync(
    file('ca.cnf'),
    '[req]\ndistinguished_name=dn\nx509_extensions=ca\nprompt=no\n[dn]\nCN=Weir test internet\n[ca]\n' +
      'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n',
  );
  const ca = ['-x509', '-days', '30', '-config', file('ca.cnf'), '-keyout', file('ca.key'), '-out', file('ca.crt')];
  await must(['openssl', 'req', ...curve, ...ca]);
  const request = ['-subj', '/CN=server', '-keyout', file('server.key'), '-out', file('server.csr')];
  await must(['openssl', 'req', '-new', ...curve, ...request]);
  writeFileSync(
    file('server.ext'),
    `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}\nbasicConstraints=CA:FALSE\n` +
      'keyUsage=digitalSignature\nextendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n',
  );
  const signer = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '20'];
  await must([
    'openssl',
    'x509',
    '-req',
    '-in',
    file('server.csr'),
    ...signer,
    '-extfile',
    file('server.ext'),
    '-out',
    file('server.crt'),
  ]);
  return { ca: file('ca.crt'), certificate: file('server.crt'), key: file('server.key') };
}
