/** What an attack is: data. The scripts do the work, the sink judges. */

export type Mode = 'pod' | 'local';

/** Features that a kernel may lack; see scripts/probe.py. */
export type Feature =
  | 'ipv6'
  | 'sctp'
  | 'sctp-seqpacket'
  | 'dccp'
  | 'udplite'
  | 'mptcp'
  | 'ping'
  | 'ping6'
  | 'vsock'
  | 'packet'
  | 'tipc'
  | 'smc'
  | 'rds'
  | 'l2tp'
  | 'kcm'
  | 'bluetooth'
  | 'can'
  | 'qipcrtr'
  | 'xdp'
  | 'ia32'
  | 'x32'
  | 'io_uring';

/**
 * What the control, without Weir, must show, else the case fails:
 * - packets: the sink counted packets that belong to the attack;
 * - payload: a server of the outside was told the attack's canary (after TLS);
 * - heard: a daemon of the client's own network was reached;
 * - reached: the script itself got what must be refused (a socket).
 */
export type Evidence = 'packets' | 'payload' | 'heard' | 'reached';

export interface Attack {
  /** `group/variant`, unique. */
  name: string;
  /** Script in `scripts/` and its arguments. */
  run: readonly [script: string, ...args: string[]];
  control: Evidence;
  /** Where it is tried; both when absent. */
  modes?: readonly Mode[];
  needs?: Feature;
  /** The control runs with all capabilities: what is shown under Weir is that the attacker lacks them. */
  privileged?: true;
  /** Addresses, besides its own, whose packets belong to this attack alone. */
  targets?: readonly string[];
  /** `where` of a client's daemon that belongs to this attack alone. */
  daemon?: string;
  /** Known to succeed, and said so in the README with this reason: shown in the table, not asserted silent. */
  limit?: string;
  /** Not beside others: it tries to change the ground they all stand on, or needs the machine for itself. */
  alone?: true;
  /** The outside dials the client's port meanwhile. */
  inbound?: true;
  env?: Readonly<Record<string, string>>;
  /** What the control runs instead, when the way in is part of what must fail. */
  controlRun?: readonly [script: string, ...args: string[]];
  /** For the control run only. */
  controlEnv?: Readonly<Record<string, string>>;
}
