/** A topology with its sink and its client's daemons: where one campaign plays. */
import { chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MARK } from '../../sidecar/netfilter/settings.ts';
import { ORDINARY_ID, podAttacker, privilegedAttacker } from './attackers.ts';
import { ATTACKS, type Attack, type Feature, type Mode } from './attacks/index.ts';
import { assign, type Campaign, campaign, PYTHON, type Result } from './campaign.ts';
import { type Door, doorAttacks, doorsOf } from './doors.ts';
import { must } from './process.ts';
import { Sentinel, Sink } from './sink.ts';
import { createTopology, type Topology } from './topology.ts';

/** What every canary of a run begins with. */
export const TOKEN = `lk${process.pid.toString(36)}x`;

export interface Stage {
  topology: Topology;
  sink: Sink;
  sentinel: Sentinel;
  /** The attacker's own directory; an ordinary user may write it. */
  project: string;
  doors: Door[];
  destroy(): Promise<void>;
}

export async function createStage(names?: readonly string[]): Promise<Stage> {
  const topology = await createTopology();
  try {
    const project = path.join(topology.directory, 'project');
    mkdirSync(project);
    chownSync(project, ORDINARY_ID, ORDINARY_ID);
    const doors = doorsOf(topology.directory, project);
    const sink = await Sink.start(topology, TOKEN, names);
    const sentinel = await Sentinel.start(topology, doors);
    const destroy = async () => {
      await Promise.all([sink.stop(), sentinel.stop()]);
      await topology.destroy();
    };
    return { topology, sink, sentinel, project, doors, destroy };
  } catch (error) {
    await topology.destroy();
    throw error;
  }
}

/** What this kernel has, asked with all privileges in a client's network (its settings count: ping sockets). */
export async function kernelFeatures(): Promise<Record<Feature, boolean>> {
  const probe = fileURLToPath(new URL('./attacks/scripts/probe.py', import.meta.url));
  const topology = await createTopology();
  try {
    return JSON.parse(await must(topology.inClient([...PYTHON, probe])));
  } finally {
    await topology.destroy();
  }
}

/** All attacks of a mode, without Weir, in a stage of their own; the privileged ones with all capabilities. */
export async function runControls(mode: Mode, present: Record<Feature, boolean>): Promise<Map<string, Result>> {
  const stage = await createStage();
  try {
    await stage.sentinel.forwardNaively();
    const attacks = attacksFor(mode, present, stage.doors);
    const trust = { CURL_CA_BUNDLE: stage.sink.pki.ca };
    const plain = attacks.filter(({ privileged }) => !privileged);
    const some = await play(stage, plain, (argv) => podAttacker(stage.topology, argv), true, trust);
    const privileged = attacks.filter((attack) => attack.privileged);
    const rest = await play(stage, privileged, (argv) => privilegedAttacker(stage.topology, argv), true, trust);
    return new Map([...some.results, ...rest.results]);
  } finally {
    await stage.destroy();
  }
}

/** The attacks of a mode, and which of them this kernel can be tried with. `doors` are a stage's, or like them. */
export function attacksFor(mode: Mode, present: Record<Feature, boolean>, doors: readonly Door[]): Attack[] {
  return attacksOf(mode, doors).filter(({ needs }) => needs === undefined || present[needs]);
}

export function attacksOf(mode: Mode, doors: readonly Door[]): Attack[] {
  return [...ATTACKS, ...doorAttacks(doors)].filter(({ modes }) => modes === undefined || modes.includes(mode));
}

/** One campaign on a stage. */
export function play(
  stage: Stage,
  attacks: readonly Attack[],
  attacker: (argv: readonly string[]) => string[],
  control: boolean,
  env: Record<string, string | undefined> = {},
): Promise<Campaign> {
  const { sink, sentinel, project } = stage;
  const options = { sink, sentinel, directory: project, attacker, control, env };
  return campaign(assign(attacks, TOKEN, MARK), options);
}
