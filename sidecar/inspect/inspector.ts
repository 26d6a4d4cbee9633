/**
 * The seam between a parsed message and its forwarding. Every channel of every protocol passes here: forwarding code
 * gets its bytes back from `release`, so bytes that were not inspected cannot be forwarded.
 */
import type { Channel, Finding } from '../../crds/runtime.ts';

/**
 * What one step decided. `release` holds bytes that may go on now (possibly from earlier pushes); later bytes are held
 * back. With findings it holds what may go on if the policy accepts every one of them (a token at its home host).
 */
export interface Step {
  findings: readonly Finding[];
  release: readonly Buffer[];
  /** A budget was exceeded or the content could not be decoded: to be refused as `content.too-complex`. */
  tooComplex?: string;
}

export interface MessageContext {
  /** The channel that `push` feeds. */
  body: Channel;
  method?: string;
  /** Lower-case media type. */
  contentType?: string;
  /** Content-Encoding tokens, lower case, in the order applied; empty when identity. */
  contentEncoding: readonly string[];
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
  /** The message is abandoned: frees decoder state. Idempotent. */
  abort(): void;
}

/** The messages to one host. Each is judged by itself. */
export interface InspectSession {
  open(context: MessageContext): MessageInspection;
}

export interface Inspector {
  session(host: string): InspectSession;
}
