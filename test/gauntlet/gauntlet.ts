/** One run of all cases against a stage, and what its sink learned. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { privilegedAttacker } from '../net/attackers.ts';
import { PYTHON } from '../net/campaign.ts';
import { ALLOWED } from '../net/plan.ts';
import { run } from '../net/process.ts';
import { createStage, type Stage } from '../net/stage.ts';
import { makeCases, makeOrdinary } from './cases.ts';
import { CHANNEL_NAMES, type Leak } from './channels.ts';
import { ENCODING_NAMES } from './encodings.ts';
import { Arrivals, learned } from './learn.ts';

export const SEED = process.env.WEIR_GAUNTLET_SEED ?? '1';
export const RUN_MS = 60_000;
const SETTLE_MS = 300;
const ATTACKER = fileURLToPath(new URL('./attacker.py', import.meta.url));

export interface Outcome {
  learned: Map<string, number>;
  /** What the attacker saw of each case. */
  notes: Map<string, string>;
  /** Names of the ordinary messages that arrived. */
  arrived: Set<string>;
  stderr: string;
}

/** Another wildcard zone of the resolver's. */
export const ORDINARY_HOST = 'rebind.example';

export const cases = makeCases(SEED, ALLOWED.name);
export const ordinary = makeOrdinary(ALLOWED.name, ORDINARY_HOST);

/** Sends all cases and reads the sink. `prefix` is what stands before the attacker's command. */
export async function play(
  prefix: (stage: Stage, argv: string[]) => string[],
  env: (stage: Stage) => Record<string, string>,
) {
  const stage = await createStage();
  try {
    const plan = path.join(stage.project, 'leaks.json');
    writeFileSync(plan, JSON.stringify([...ordinary, ...cases].map(task)));
    const argv = privilegedAttacker(stage.topology, prefix(stage, [...PYTHON, ATTACKER, plan]));
    const outcome = await run(argv, { cwd: stage.project, env: { ...process.env, ...env(stage) }, timeoutMs: RUN_MS });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return await judge(stage, outcome.stdout, outcome.stderr);
  } finally {
    await stage.destroy();
  }
}

function task({ name, leak }: { name: string; leak: Leak }): object {
  if (leak.kind === 'dns') {
    const names = leak.names.map((labels) => labels.map((label) => label.toString('base64')));
    return { name, kind: 'dns', names };
  }
  return { name, kind: 'tls', host: ALLOWED.name, steps: leak.steps.map((step) => step.toString('base64')) };
}

/** Names lose the case of their letters: there the encoded text itself counts too, since base64 without case is nearly all of it. */
async function judge(stage: Stage, stdout: string, stderr: string): Promise<Outcome> {
  const { streams, questions } = await stage.sink.arrivals();
  const bytes = (text: string) => Buffer.from(text, 'base64');
  const bodies = streams.flatMap(({ requests }) => requests.map(({ body }) => bytes(body).toString('latin1')));
  const messages = streams.flatMap((stream) => stream.messages.map((text) => bytes(text).toString('latin1')));
  const heads = streams.map(({ data }) => bytes(data).toString('latin1'));
  const arrivals = new Arrivals([...heads, ...bodies, ...messages]);
  const names = new Arrivals(namesAsked(questions.map(bytes)), true);
  const notes = new Map<string, string>();
  for (const line of stdout.split(/\r?\n/)) {
    if (!line.startsWith('@@')) continue;
    const { case: name, note } = JSON.parse(line.slice(2));
    notes.set(name, note);
  }
  return {
    learned: new Map(
      cases.map((one) => [one.name, learned(one.secret.core, [arrivals, names]) || learned(one.sent, [names])]),
    ),
    notes,
    arrived: new Set(
      ordinary.filter(({ text }) => learned([text], [arrivals, names]) === text.length).map(({ name }) => name),
    ),
    stderr,
  };
}

/** The labels of each question, joined with and without dots, and the labels below the host of all of them in a row. */
function namesAsked(questions: readonly Buffer[]): string[] {
  const asked = questions.map(labels);
  const host = ALLOWED.name.split('.');
  const below = asked.map((own) => own.slice(0, -host.length).join('')).join('');
  return [...asked.flatMap((own) => [own.join(''), own.join('.')]), below];
}

function labels(question: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < question.length && question[at] !== 0; at += 1 + (question[at] as number)) {
    found.push(question.subarray(at + 1, at + 1 + (question[at] as number)).toString('latin1'));
  }
  return found;
}

/** Bytes learned by channel and encoding: without Weir → with Weir. */
export function summary(control: Outcome, guarded: Outcome): string {
  const width = 14;
  const sum = (from: Outcome, channel: string, encoding: string) =>
    cases
      .filter((one) => one.channel === channel && one.encoding === encoding)
      .reduce((total, { name }) => total + (from.learned.get(name) ?? 0), 0);
  const lines = [['channel', ...ENCODING_NAMES]];
  for (const channel of CHANNEL_NAMES) {
    lines.push([
      channel,
      ...ENCODING_NAMES.map((name) => `${sum(control, channel, name)} → ${sum(guarded, channel, name)}`),
    ]);
  }
  const rows = lines.map((cells) =>
    cells
      .map((cell) => cell.padEnd(width))
      .join(' ')
      .trimEnd(),
  );
  return [`secret bytes learned, without Weir → with (${cases.length} cases, seed ${SEED})`, ...rows, ''].join('\n');
}
