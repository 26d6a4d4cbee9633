/** DNS as a channel: to any resolver, in every shape that might be passed on. */
import type { Attack } from './types.ts';

const EVERYWHERE = ['name', 'txt', 'edns-option'] as const;

/** Shapes sent to the resolver over UDP and TCP alike. */
const SHAPES = [
  'null',
  'any',
  'https',
  'ptr',
  'allowed-txt',
  'trailing',
  'additional',
  'answer',
  'two-questions',
  'chaos',
  'update',
  'notify',
  'response-bit',
  'dot-in-label',
  'dot-in-last-label',
  'binary-label',
  'pointer',
  'nul-in-label',
] as const;

function attack(transport: string, destination: string, family: number, variant: string): Attack {
  return {
    name: `dns/${variant} over ${transport} to ${destination} v${family}`,
    run: ['dns.py', transport, destination, String(family), variant],
    control: transport === 'dot' ? 'payload' : 'packets',
    ...(family === 6 ? { needs: 'ipv6' as const } : {}),
  };
}

export const DNS: readonly Attack[] = [
  ...['udp', 'tcp'].flatMap((transport) => [
    ...['any', 'resolver'].flatMap((destination) =>
      [4, 6].flatMap((family) => EVERYWHERE.map((variant) => attack(transport, destination, family, variant))),
    ),
    ...SHAPES.map((variant) => attack(transport, 'resolver', 4, variant)),
  ]),
  ...['any', 'resolver'].flatMap((destination) => [4, 6].map((family) => attack('dot', destination, family, 'name'))),
  // Weir's own DNS port, addressed directly.
  ...['udp', 'tcp'].flatMap((transport) => [
    attack(transport, 'listener', 4, 'name'),
    attack(transport, 'listener', 6, 'name'),
  ]),
];
