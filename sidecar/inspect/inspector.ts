/**
 * The seam between a parsed message and its forwarding. Every channel of every protocol passes here: forwarding code
 * gets its bytes back from `release`, so bytes that were not inspected cannot be forwarded.
 */
import type { Channel, Finding, SecretPatternRule } from '../../crds/runtime.ts';
import type { PatternsReport } from './patterns/set.ts';
import type { ThreadStats } from './thread/thread.ts';

/**
 * What one step decided. `release` holds bytes that may go on now (possibly from earlier pushes); later bytes are held
 * back. What is found may be told in a later step than that of its bytes, but never after they were released. With findings
 * `release` holds what may go on if the policy accepts every one of them (a token at its home host).
 */
export interface Step {
  findings: readonly Finding[];
  release: readonly Buffer[];
  /** A budget was exceeded or the content could not be decoded: to be refused as `content.too-complex`. */
  tooComplex?: string;
  /** Bytes of a body that no decoder explains, in what is decided now. Absent: none, or they are not measured. */
  opaque?: number;
  /** Bytes that decompressors hold until the next step, beside those of a content encoding. Absent: none. */
  memory?: number;
}

export interface MessageContext {
  /** The channel that `push` feeds. */
  body: Channel;
  method?: string;
  /** Lower-case media type. */
  contentType?: string;
  /** Content-Encoding tokens, lower case, in the order applied; empty when identity. */
  contentEncoding: readonly string[];
  /** Bytes of the body as its sender says; undefined: it does not say. */
  length?: number;
  /**
   * The peer answers to parts of the body (an opaque relay): a push releases all that it was given unless something was
   * found. What completes a secret begun in an earlier push is still found, but its beginning has gone.
   */
  interactive?: boolean;
}

/** One message: its fields first, then its body in order. After a Step with findings that the policy does not accept, or with tooComplex, the caller stops. */
export interface MessageInspection {
  /** Judge one field whole. `release` is empty: the caller forwards the field when `findings` is. */
  field(channel: Channel, name: string, bytes: Buffer): Step | Promise<Step>;
  /** Judge body bytes. At most one call is outstanding; await a promise before the next call. */
  push(chunk: Buffer): Step | Promise<Step>;
  /** The body is complete: everything held back is decided. */
  end(): Step | Promise<Step>;
  /**
   * All that was given so far is decided, and about to be sent: what it adds to what the session sent before, and nobody could
   * see in it alone. With findings that the policy does not accept it must not be sent, and does not count as sent. Call it
   * once, after the fields, and after `end` where the body is judged whole. `release` is empty.
   */
  commit(): Step | Promise<Step>;
  /** The message is abandoned: frees decoder state. Idempotent. */
  abort(): void;
}

/** The messages to one host: each is judged by itself, and behind those that were sent before. */
export interface InspectSession {
  open(context: MessageContext): MessageInspection;
}

/** A value that must not leave, whatever it looks like. */
export interface KnownSecret {
  /** What the audit log calls it: `secret/key`. Never its value. */
  name: string;
  /** Copied: the caller may wipe it. */
  value: Buffer;
  /**
   * Whether the workload has it. A part of it then counts too; of what the workload does not have only the whole does,
   * since refusals would else tell it piece by piece.
   */
  held: boolean;
  /** Host patterns (`name` or `*.name`) where it belongs, besides those that the value itself names. */
  homeHosts?: readonly string[];
}

/** What became of known secrets: those that are not `taken` are in `refused` (a bound: to be told loudly) or in `plain`. */
export interface KnownSecretsReport {
  taken: number;
  /** `length`: too long, `count`: too many, `size`: too much in all. */
  refused: { name: string; bound: 'length' | 'count' | 'size' }[];
  /** Values that are too short, or plainly no secret: host names, URLs, numbers, paths, public keys and certificates. */
  plain: string[];
}

export interface Inspector {
  session(host: string): InspectSession;
}

/** An inspector that can be told what the pod's own secrets are. */
export interface SecretInspector extends Inspector {
  /** Whether messages from now on measure what no decoder explains. */
  measureOpaque(measures: boolean): void;
  /** Looks for the user's own formats from now on, and no longer for those of an earlier call. */
  setPatterns(patterns: readonly SecretPatternRule[]): PatternsReport;
  /**
   * Looks for these from now on, and no longer for those of an earlier call, whose copies are wiped. Values shorter than
   * `minLength` bytes (default 12) are left out.
   */
  setKnownSecrets(secrets: readonly KnownSecret[], minLength?: number): KnownSecretsReport;
  /**
   * The same a slice at a time, for when traffic is served: a megabyte takes most of a second. Until it is done those of
   * before are looked for; the values have to stay as they are for so long.
   */
  replaceKnownSecrets(secrets: readonly KnownSecret[], minLength?: number): Promise<KnownSecretsReport>;
  /** Of the thread that judges large bodies. */
  thread(): ThreadStats;
  /** Ends that thread: what it judges is refused. The next large body starts another. */
  close(): Promise<void>;
}
