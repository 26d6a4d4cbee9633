/** `weir completion`: what makes a shell complete commands and options. */
import { runCommand } from './arguments.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { bash } from './shells/bash.ts';
import { fish } from './shells/fish.ts';
import { zsh } from './shells/zsh.ts';
import { COMPLETION, SHELLS, type Shell } from './table.ts';

const SCRIPTS: Record<Shell, () => string> = { bash, zsh, fish };

/** Resolves to the exit status. */
export function completion(argv: string[], io: Io): Promise<number> {
  return runCommand(COMPLETION, argv, io, async ({ operands: [shell, ...more] }) => {
    const known = SHELLS.find((name) => name === shell);
    if (known === undefined || more.length > 0) throw new UsageError(`name one shell: ${SHELLS.join(', ')}`);
    io.stdout(SCRIPTS[known]());
    return EXIT.ok;
  });
}
