/** What speaks against the name in a ClientHello. */
import type { Denial, RuntimeRule } from '../../crds/runtime.ts';
import { deny } from './refusal.ts';

/** What of a ClientHello is judged. */
export interface HelloFacts {
  /** The outer server_name, normalised. */
  serverName?: string | undefined;
  /** It holds an encrypted hello, or what looks like one (GREASE): a server that has the key goes by the name in there. */
  hasEch: boolean;
}

export function wrongName(host: string, { serverName }: HelloFacts, rule?: RuntimeRule): Denial | undefined {
  if (serverName === undefined) return deny('tls.no-sni', rule);
  return serverName === host ? undefined : deny('tls.host-mismatch', rule, serverName);
}

/** Where it is passed on. */
export function hiddenName({ hasEch }: HelloFacts, rule?: RuntimeRule): Denial | undefined {
  return hasEch ? deny('tls.encrypted-hello', rule) : undefined;
}
