/**
 * The policy of the escape tests: one HTTPS host with one kind of request and one header, and the names that resolve to what must not be
 * reached (allowed by name, or the test of the address would be decided by the name alone).
 */
import { ALLOWED, MIXED, REBIND, REBIND_CNAME } from './plan.ts';

export const ESCAPE_POLICY = `apiVersion: weir.dev/v1alpha1
kind: EgressPolicy
metadata:
  name: escape
  namespace: test
spec:
  # Each attack is to be refused for what it is, not for those before it.
  content: {maxRefusals: 10000}
  egress:
  - name: allowed
    to:
      hosts: [${ALLOWED.name}]
    http:
    - methods: [GET]
      paths: ["/ok/**"]
      forwardHeaders: [accept]
  - name: rebind
    to:
      hosts:
${[...Object.keys(REBIND), REBIND_CNAME.name, MIXED.name].map((name) => `      - ${name}`).join('\n')}
`;
