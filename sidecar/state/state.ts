/** What must outlive the sidecar's own restarts, in a memory volume that is mounted in the sidecar alone. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { NameStore } from '../dns/budget.ts';
import type { AddressStore } from '../dns/synthetic.ts';
import { REFUSALS_ACCOUNT } from '../policy/refusals.ts';
import { Accounts } from './accounts.ts';
import { StateError } from './error.ts';
import { NAMES_ACCOUNT, type NameKind, NamesFile } from './names.ts';

const ACCOUNTS_FILE = 'accounts';
const NAMES_FILE = 'names';

/** Whether the sidecar of this pod ran before, as the pod's status has it. */
export type Life = 'First' | 'Later';

export interface State {
  accounts: Accounts;
  names: NamesFile;
  /** Why everything is spent, when the journal was not whole. */
  problem?: string;
}

/** Whether a journal is there, whole or not: then nothing depends on the pod's status. */
export function hasState(directory: string): boolean {
  return existsSync(path.join(directory, ACCOUNTS_FILE));
}

/**
 * Opens the journal in `directory` (made when it is not there), or begins one: a fresh one in a pod's first life, one in
 * which everything is spent when there was one that is gone or damaged. Once spent it stays so. @throws when the volume
 * cannot be written
 */
export function openState(directory: string, life: Life): State {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const accountsFile = path.join(directory, ACCOUNTS_FILE);
  const namesFile = path.join(directory, NAMES_FILE);
  if (!hasState(directory)) {
    const lost = life === 'Later' || (statSync(namesFile, { throwIfNoEntry: false })?.size ?? 0) > 0;
    return begin(accountsFile, namesFile, lost, lost ? 'the journal is gone' : undefined);
  }
  let accounts: Accounts | undefined;
  try {
    accounts = Accounts.open(accountsFile);
    return { accounts, names: NamesFile.open(namesFile, accounts) };
  } catch (error) {
    accounts?.close();
    if (!(error instanceof StateError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return begin(accountsFile, namesFile, true, (error as Error).message);
  }
}

function begin(accountsFile: string, namesFile: string, lost: boolean, problem: string | undefined): State {
  // The accounts last: that they are there says that there is a journal.
  writeFileSync(namesFile, '', { mode: 0o600 });
  const accounts = Accounts.create(accountsFile, lost);
  // These accounts are the first, so that no number of rules can leave them without one.
  for (const account of [NAMES_ACCOUNT, REFUSALS_ACCOUNT]) accounts.write(account, 0, 0);
  return { accounts, names: NamesFile.open(namesFile, accounts), ...(problem !== undefined && { problem }) };
}

/** The texts of one kind, in the order in which they were kept. */
function textsOf(names: NamesFile, kind: NameKind): string[] {
  return names.records.filter((record) => record.kind === kind).map(({ text }) => text);
}

/** The stores of the DNS room over the names file. */
export function nameStore({ accounts, names }: State): NameStore {
  return {
    lost: accounts.lost,
    // Neither has a blank in it: they are names.
    seen: textsOf(names, 'seen').map((text) => text.split(' ') as [string, string]),
    keep: (domain, subdomain) => names.append('seen', `${domain} ${subdomain}`),
  };
}

export function addressStore({ accounts, names }: State): AddressStore {
  return {
    lost: accounts.lost,
    names: textsOf(names, 'address'),
    keep: (name) => names.append('address', name),
  };
}
