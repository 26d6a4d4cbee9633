/** A pod's DNS. The sidecar asks the pod's nameservers: who names them says what every host of a rule means. */
import type { PodSpec } from '../pod.ts';
import type { Refusal } from '../refusal.ts';
import type { GuardLists } from '../settings.ts';
import { unlisted } from './fields.ts';
import { DNS_FIELDS } from './lists.ts';

/** An option becomes a word of a line of resolv.conf, and Kubernetes lets a line feed through: another `nameserver`. */
const WORD = /^[A-Za-z0-9_.:-]*$/;

/** `dnsPolicy: Default` stays: the node's resolv.conf is the platform's. */
export function dnsRefusals({ dnsPolicy, dnsConfig }: PodSpec, lists: GuardLists): Refusal[] {
  const { nameservers = [], options = [] } = dnsConfig ?? {};
  const isListed = nameservers.every((address) => lists.allowedNameservers.includes(address));
  const message =
    'would choose what the hosts of rules mean; leave the DNS of the cluster, or ask for the address in guard.allowedNameservers';
  return [
    ...(dnsPolicy === 'None' && !(isListed && nameservers.length > 0) ? [{ path: 'spec.dnsPolicy', message }] : []),
    ...(isListed ? [] : [{ path: 'spec.dnsConfig.nameservers', message }]),
    ...(options.every(({ name = '', value }) => WORD.test(name) && WORD.test(value ?? ''))
      ? []
      : [
          {
            path: 'spec.dnsConfig.options',
            message: 'becomes words of a line of resolv.conf; use letters, digits and ._:- alone',
          },
        ]),
    ...unlisted(dnsConfig, DNS_FIELDS, 'spec.dnsConfig', lists.allowedFields),
  ];
}
