/**
 * `weir run` hides /tmp, /var/tmp and /run, and with them a checkout that lies there, whose scripts the suites run inside.
 * Such a checkout is shown at another place, in a mount namespace that ends with the suites.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

const HIDDEN = ['/tmp/', '/var/tmp/', '/run/'];
const SCRIPT = 'mount --bind "$2" "$1" && cd "$1" && exec "$3" "$4"';

/** Runs `script` (relative to `root`) from a place in sight and gives its status; undefined when `root` is one. Root only. */
export function runInSight(root: string, script: string): number | undefined {
  if (!HIDDEN.some((directory) => `${realpathSync(root)}/`.startsWith(directory))) return undefined;
  const place = mkdtempSync('/opt/weir-suites-');
  spawnSync('chmod', ['0755', place]);
  try {
    const node = join(place, process.execPath.slice(realpathSync(root).length));
    const within = process.execPath.startsWith(`${realpathSync(root)}/`) ? node : process.execPath;
    const { status } = spawnSync('unshare', ['--mount', 'sh', '-c', SCRIPT, 'sh', place, root, within, script], {
      stdio: 'inherit',
    });
    return status ?? 1;
  } finally {
    rmdirSync(place);
  }
}
