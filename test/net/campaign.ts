/** One run of many attacks: gives each its own targets, runs them together, and tells from the sink what came of each. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Attack } from './attacks/index.ts';
import { ALLOWED, BROADCAST4, CLIENT, GATEWAY, RESOLVER } from './plan.ts';
import { run } from './process.ts';
import type { Attribution, Heard, PacketCount, Sentinel, Sink, SinkReport } from './sink.ts';

export const PYTHON = ['/usr/bin/python3', '-B'] as const;
const PARALLEL = 8;
const ATTACK_SECONDS = 15;
const CAMPAIGN_MS = 150_000;
/** After the last attack: what is still on its way arrives. */
const SETTLE_MS = 400;
const FIRST_PORT = 20_000;

const script = (name: string) => fileURLToPath(new URL(`./attacks/scripts/${name}`, import.meta.url));

export interface Assigned {
  attack: Attack;
  attribution: Attribution;
  env: Record<string, string>;
}

/** Addresses, port, group and canary of every attack: no two share any. */
export function assign(attacks: readonly Attack[], token: string, mark: number): Assigned[] {
  return attacks.map((attack, index) => {
    const low = index & 0xff;
    const high = index >> 8;
    const hex = (index + 1).toString(16);
    const own = {
      V4: `203.0.${120 + high}.${low}`,
      V6: `2001:db8:bad::${hex}`,
      ONLINK4: `198.51.${101 + high}.${low}`,
      ONLINK6: `2001:db8:51::bad:${hex}`,
      PRIVATE4: `10.77.${high}.${low}`,
    };
    const groups = { GROUP4: `239.66.${high}.${low}`, GROUP6: `ff15::bad:${hex}` };
    const port = FIRST_PORT + index;
    const canary = `${token}${String(index).padStart(3, '0')}`;
    return {
      attack,
      attribution: {
        name: attack.name,
        canary,
        addresses: [...Object.values(own), ...Object.values(groups), ...(attack.targets ?? [])],
        groups: Object.values(groups),
        port,
      },
      env: {
        ...own,
        ...groups,
        CANARY: canary,
        PORT: String(port),
        MARK: String(mark),
        ALLOWED: ALLOWED.name,
        ALLOWED4: ALLOWED.v4,
        ALLOWED6: ALLOWED.v6,
        RESOLVER4: RESOLVER.v4,
        RESOLVER6: RESOLVER.v6,
        GATEWAY4: GATEWAY.v4,
        GATEWAY6: GATEWAY.v6,
        GATEWAY_LINK_LOCAL: GATEWAY.linkLocal,
        BROADCAST4,
        ...attack.env,
      },
    };
  });
}

/** What must work all the while: prints the status, 200. The CA comes by the environment. */
const POSITIVE = [
  'curl',
  '-sS',
  '-m',
  '10',
  '-o',
  '/dev/null',
  '-w',
  '%{http_code}',
  `https://${ALLOWED.name}/ok/positive`,
];

/** What the script said of itself: for people, and for `reached`. */
export interface Said {
  status: number | null;
  reached: boolean;
  text: string;
  ms: number;
}

export interface Result {
  attack: Attack;
  packets: PacketCount[];
  payloads: SinkReport['payloads'];
  heard: string[];
  said: Said | undefined;
}

export interface Campaign {
  results: Map<string, Result>;
  /** Packets that belong to no attack: nothing may leave unexplained either. */
  strays: PacketCount[];
  report: SinkReport;
  /** What the allowed host answered before and after the attacks. */
  positive: { before: string; after: string };
  stderr: string;
}

export interface CampaignOptions {
  sink: Sink;
  sentinel: Sentinel;
  /** Directory the attacker can read. */
  directory: string;
  attacker: (argv: readonly string[]) => string[];
  control: boolean;
  env?: Record<string, string | undefined>;
}

/** Runs the attacks and collects. Throws when the runner itself fails or packets were lost. */
export async function campaign(assigned: readonly Assigned[], options: CampaignOptions): Promise<Campaign> {
  const { sink, sentinel, control } = options;
  const plan = path.join(options.directory, 'attacks.json');
  writeFileSync(
    plan,
    JSON.stringify({ parallel: PARALLEL, positive: POSITIVE, attacks: assigned.map((one) => task(one, control)) }),
  );
  await sink.watch(assigned.map((one) => one.attribution));
  await sentinel.reset();
  await sink.dial(
    assigned
      .filter(({ attack }) => attack.inbound)
      .map(({ attack, attribution }) => [attack.run[1] === '4' ? CLIENT.v4 : CLIENT.v6, attribution.port]),
  );
  const outcome = await run(options.attacker([...PYTHON, script('runner.py'), plan]), {
    env: { ...process.env, ...options.env },
    cwd: options.directory,
    timeoutMs: CAMPAIGN_MS,
  });
  await sink.dial([]);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const report = await sink.report();
  if (report.dropped > 0 && !control)
    throw new Error(`the capture lost ${report.dropped} packets: nothing can be said`);
  const said = parse(outcome.stdout);
  if (said.size < assigned.length + 2) {
    const missing = assigned.filter(({ attack }) => !said.has(attack.name)).map(({ attack }) => attack.name);
    throw new Error(
      `${missing.length} attacks did not run (exit ${outcome.status}), first ${missing[0]}\n` +
        `${outcome.stderr.slice(-3000)}\n${outcome.stdout.slice(-1000)}`,
    );
  }
  const heard = await sentinel.heard();
  return {
    results: new Map(assigned.map((one) => [one.attack.name, collect(one, report, heard, said)])),
    strays: report.packets.filter((entry) => entry.attack === null || entry.attack === '(another run)'),
    report,
    positive: { before: said.get('(before)')?.text ?? '', after: said.get('(after)')?.text ?? '' },
    stderr: outcome.stderr,
  };
}

function task({ attack, env }: Assigned, control: boolean): object {
  const [file, ...args] = (control ? attack.controlRun : undefined) ?? attack.run;
  return {
    name: attack.name,
    argv: file.endsWith('.py') ? [...PYTHON, script(file), ...args] : [script(file), ...args],
    env: control ? { ...env, ...attack.controlEnv } : env,
    timeout: ATTACK_SECONDS,
    alone: attack.alone === true,
  };
}

function parse(stdout: string): Map<string, Said> {
  const found = new Map<string, Said>();
  for (const line of stdout.split(/\r?\n/)) {
    if (!line.startsWith('@@')) continue;
    const { attack, status, output, error, ms } = JSON.parse(line.slice(2));
    found.set(attack, {
      status,
      reached: output.startsWith('{"reached": true'),
      text: `${output} ${error}`.trim(),
      ms,
    });
  }
  return found;
}

function collect(one: Assigned, report: SinkReport, heard: readonly Heard[], said: Map<string, Said>): Result {
  const { attack, attribution } = one;
  return {
    attack,
    packets: report.packets.filter((entry) => entry.attack === attack.name),
    payloads: report.payloads.filter((entry) => entry.attack === attack.name),
    heard: heard
      .filter(({ where, data }) => where === attack.daemon || data.toLowerCase().includes(attribution.canary))
      .map(({ where }) => where),
    said: said.get(attack.name),
  };
}

/** True when the control showed what it must. */
export function seen(result: Result): boolean {
  switch (result.attack.control) {
    case 'packets':
      return result.packets.length > 0;
    case 'payload':
      return result.payloads.length > 0;
    case 'heard':
      return result.heard.length > 0;
    case 'reached':
      return result.said?.reached === true;
    default:
      return result.attack.control satisfies never;
  }
}

/** Everything that got out, in words; empty when nothing did. */
export function escapes(result: Result): string[] {
  return [
    ...result.packets.map(
      (entry) =>
        `${entry.packets} ${entry.protocol} packets to ${entry.destination} port/type ${entry.port} (${entry.sample})`,
    ),
    ...result.payloads.map((entry) => `payload at ${entry.host}:${entry.port} sni=${entry.sni}: ${entry.sample}`),
    ...result.heard.map((where) => `heard by ${where}`),
    ...(result.attack.control === 'reached' && result.said?.reached
      ? [`the attacker got it: ${result.said.text}`]
      : []),
  ];
}
