/** Why the kernel would not make the namespaces, and what to do about it. */
import fs from 'node:fs';

interface Cause {
  sysctl: string;
  refuses: (value: number) => boolean;
  advice: string;
}

const CAUSES: readonly Cause[] = [
  {
    sysctl: 'kernel.apparmor_restrict_unprivileged_userns',
    refuses: (value) => value === 1,
    advice:
      'AppArmor keeps user namespaces from unconfined programs (Ubuntu 23.10 and later). Allow them: ' +
      'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
  {
    sysctl: 'kernel.unprivileged_userns_clone',
    refuses: (value) => value === 0,
    advice:
      'User namespaces are switched off for ordinary users. Allow them: sudo sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    sysctl: 'user.max_user_namespaces',
    refuses: (value) => value < 2,
    advice: 'User namespaces are switched off. Allow them: sudo sysctl -w user.max_user_namespaces=15000',
  },
];

const OTHERWISE =
  'The kernel, or the container that this runs in, does not allow new user, mount, network, PID and IPC namespaces. ' +
  'In a container they need a seccomp profile that allows unshare and mount, and an unmasked /proc.';

/** Advice for `weir run` when its holder never came up. @param read the value of a sysctl, undefined when the kernel has none */
export function refusalAdvice(read: (sysctl: string) => number | undefined = readSysctl): string {
  const cause = CAUSES.find(({ sysctl, refuses }) => {
    const value = read(sysctl);
    return value !== undefined && refuses(value);
  });
  return cause?.advice ?? OTHERWISE;
}

function readSysctl(name: string): number | undefined {
  try {
    return Number(fs.readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8'));
  } catch {
    return undefined;
  }
}
