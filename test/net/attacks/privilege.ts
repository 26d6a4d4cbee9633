/** What a capability or a socket family would open. Controls run with all capabilities, since that is what must be missing. */
import type { Attack } from './types.ts';

const RULES = ['iptables', 'nft', 'route', 'sysctl', 'link', 'namespace'] as const;

const FRAMES: Attack[] = [
  ...['frame', 'cooked', 'raw'].map(
    (variant): Attack => ({
      name: `raw/${variant}`,
      run: ['packet.py', variant],
      control: 'packets',
      privileged: true,
    }),
  ),
  ...[17, 47, 50, 41, 4, 253].map(
    (protocol): Attack => ({
      name: `raw/protocol ${protocol}`,
      run: ['packet.py', 'protocol', String(protocol)],
      control: 'packets',
      privileged: true,
    }),
  ),
  ...['frame', 'raw'].map(
    (variant): Attack => ({
      name: `raw/${variant} in a user namespace`,
      run: ['userns.sh', 'packet.py', variant],
      controlRun: ['packet.py', variant],
      control: 'packets',
      privileged: true,
    }),
  ),
];

const MARKS: Attack[] = [
  ...['option', 'message', 'transparent'].map(
    (variant): Attack => ({ name: `mark/${variant}`, run: ['mark.py', variant], control: 'packets', privileged: true }),
  ),
  {
    name: 'mark/option in a user namespace',
    run: ['userns.sh', 'mark.py', 'option'],
    controlRun: ['mark.py', 'option'],
    control: 'packets',
    privileged: true,
  },
];

const CHANGES: Attack[] = RULES.map((variant) => ({
  name: `rules/${variant}`,
  run: ['rules.sh', variant],
  control: 'packets',
  privileged: true,
  alone: true,
}));

const REBOUND: Attack[] = ['udp', 'tcp'].map((variant) => ({
  name: `rebind/${variant} source ports of the proxy`,
  run: ['rebind.py', variant],
  control: 'packets',
  alone: true,
  controlEnv: { LIMIT: '100' },
}));

/** Families that leave a network namespace by another door. A pod's seccomp profile (the runtime's) closes them there. */
const FAMILIES: readonly (readonly [
  feature: NonNullable<Attack['needs']>,
  family: number,
  type: number,
  protocol: number,
])[] = [
  ['tipc', 30, 5, 0],
  ['smc', 43, 1, 0],
  ['rds', 21, 5, 0],
  ['l2tp', 2, 2, 115],
  ['kcm', 41, 2, 0],
  ['bluetooth', 31, 3, 1],
  ['can', 29, 3, 1],
  ['qipcrtr', 42, 2, 0],
  ['xdp', 44, 3, 0],
  ['packet', 17, 3, 0],
];

const DOORS: Attack[] = [
  { name: 'vsock/open', run: ['vsock.py'], control: 'reached', modes: ['local'], needs: 'vsock' },
  ...(['ia32', 'x32', 'io_uring'] as const).map(
    (variant): Attack => ({
      name: `vsock/open by ${variant}`,
      run: ['syscalls.py', variant],
      control: 'reached',
      modes: ['local'],
      needs: variant,
    }),
  ),
  ...FAMILIES.map(
    ([feature, ...kind]): Attack => ({
      name: `family/${feature}`,
      run: ['family.py', ...kind.map(String)],
      control: 'reached',
      modes: ['local'],
      needs: feature,
      privileged: true,
    }),
  ),
];

export const PRIVILEGE: readonly Attack[] = [...FRAMES, ...MARKS, ...DOORS, ...REBOUND, ...CHANGES];
