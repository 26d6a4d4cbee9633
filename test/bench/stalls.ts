/** How long others wait while a body is judged that is sent for that: the longest turn of the event loop, in this thread's own time. */
import { createInspector } from '../../sidecar/inspect/index.ts';
import { almostMatches, BOMBS, HEAVY, leastCost, MAX_STALL_MS } from '../fixtures/heavy-bodies.ts';

interface Result {
  line: string;
  holds: boolean;
}

export async function benchStalls(): Promise<Result[]> {
  const bodies = async (): Promise<Turn[]> => {
    const turns: Turn[] = [];
    for (const [name, make, context] of [...BOMBS, ...HEAVY]) {
      turns.push({ name, ms: (await leastCost(make(), context)).longestMs });
    }
    return turns;
  };
  const almost = async (): Promise<Turn[]> => {
    const turns: Turn[] = [];
    for (const { unit, body } of almostMatches()) turns.push({ name: unit, ms: (await leastCost(body)).longestMs });
    return turns;
  };
  const elsewhere = async (): Promise<Turn[]> => {
    const inspector = createInspector({ threadFrom: 0 });
    const turns: Turn[] = [];
    for (const [name, make, context] of [...BOMBS, ...HEAVY]) {
      if (context !== undefined) continue;
      turns.push({ name, ms: (await leastCost(make(), {}, inspector)).longestMs });
    }
    await inspector.close();
    return turns;
  };
  return [
    result('a bomb or a heavy body', await bodies()),
    result('one that another thread judges', await elsewhere()),
    result('almost-matches', await almost()),
  ];
}

interface Turn {
  name: string;
  ms: number;
}

function result(what: string, turns: readonly Turn[]): Result {
  const [worst] = turns.toSorted((a, b) => b.ms - a.ms);
  const over = turns.filter(({ ms }) => ms >= MAX_STALL_MS).length;
  return {
    line: `longest turn for ${what}: ${worst?.ms.toFixed(1)} ms (${worst?.name}); of ${turns.length} kinds ${over} take longer than ${MAX_STALL_MS} ms`,
    holds: over === 0 && turns.length > 0,
  };
}

if (import.meta.main) {
  for (const { line, holds } of await benchStalls()) {
    console.log(`${line} (${holds ? 'holds' : 'DOES NOT HOLD'})`);
    if (!holds) process.exitCode = 1;
  }
}
