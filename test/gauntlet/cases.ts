/** All cases: channels × encodings × kinds of secret, each with a secret of its own. */
import { CHANNEL_NAMES, CHANNELS, type Leak } from './channels.ts';
import { ENCODING_NAMES, ENCODINGS, type Encoding } from './encodings.ts';
import { Random } from './random.ts';
import { makeSecret, SECRET_KINDS, type Secret } from './secrets.ts';

export interface Case {
  name: string;
  channel: string;
  encoding: Encoding;
  secret: Secret;
  leak: Leak;
}

/** What a channel's syntax cannot carry is no case. */
export function makeCases(seed: string, host: string): Case[] {
  return CHANNEL_NAMES.flatMap((channel) =>
    ENCODING_NAMES.flatMap((encoding) =>
      SECRET_KINDS.flatMap((kind) => {
        const name = `${channel} ${encoding} ${kind}`;
        const secret = makeSecret(kind, new Random(`${seed}/${name}`));
        const leak = CHANNELS[channel]?.(ENCODINGS[encoding](secret.text), host);
        return leak === undefined ? [] : [{ name, channel, encoding, secret, leak }];
      }),
    ),
  );
}
