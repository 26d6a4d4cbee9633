/** All cases: channels × encodings × kinds of secret, each with a secret of its own; and the same with nothing to hide. */
import { CHANNEL_NAMES, CHANNELS, type Leak } from './channels.ts';
import { ENCODING_NAMES, ENCODINGS, type Encoding } from './encodings.ts';
import { Random } from './random.ts';
import { makeSecret, SECRET_KINDS, type Secret } from './secrets.ts';

export interface Case {
  name: string;
  channel: string;
  encoding: Encoding;
  secret: Secret;
  /** The parts that count as they are sent, encoded. */
  sent: string[];
  leak: Leak;
}

export interface Ordinary {
  name: string;
  text: string;
  leak: Leak;
}

/** A text without a secret on every way, which must arrive: silence there would not be the content's doing. Questions go to a host of
 * their own, so that they neither draw on the leaks' budget nor the leaks on theirs. */
export function makeOrdinary(host: string, dnsHost: string): Ordinary[] {
  return CHANNEL_NAMES.flatMap((channel) =>
    ENCODING_NAMES.flatMap((encoding) => {
      // Host names have no other characters, and no case.
      if (channel === 'dns' && encoding !== 'plain' && encoding !== 'hex') return [];
      const text = `${channel}-${encoding}-passes`;
      const leak = CHANNELS[channel]?.(ENCODINGS[encoding](text), channel === 'dns' ? dnsHost : host);
      return leak === undefined ? [] : [{ name: `ordinary ${channel} ${encoding}`, text, leak }];
    }),
  );
}

/** The characters of the payload that say only what the parts that count say. */
function sentParts(secret: Secret, payload: string): string[] {
  const ratio = payload.length / secret.text.length; // padding, if any, is less than a part's rounding
  return secret.core.map((part) => {
    const at = secret.text.indexOf(part);
    return payload.slice(Math.ceil(at * ratio) + 1, Math.floor((at + part.length) * ratio) - 1);
  });
}

/** What a channel's syntax cannot carry is no case. */
export function makeCases(seed: string, host: string): Case[] {
  return CHANNEL_NAMES.flatMap((channel) =>
    ENCODING_NAMES.flatMap((encoding) =>
      SECRET_KINDS.flatMap((kind) => {
        const name = `${channel} ${encoding} ${kind}`;
        const secret = makeSecret(kind, new Random(`${seed}/${name}`));
        const payload = ENCODINGS[encoding](secret.text);
        const leak = CHANNELS[channel]?.(payload, host);
        return leak === undefined ? [] : [{ name, channel, encoding, secret, sent: sentParts(secret, payload), leak }];
      }),
    ),
  );
}
