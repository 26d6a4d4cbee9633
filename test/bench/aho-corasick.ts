/** The yardstick of the scanner: Aho and Corasick, "Efficient string matching" (1975), with one dense table and no failure links. */
export class AhoCorasick {
  /** Next state by state × 256 + byte; states are multiplied by 256 beforehand. */
  private readonly next: Int32Array;
  /** States from here on end a literal. */
  private readonly firstEnd: number;

  /** `literals` in latin1. */
  constructor(literals: readonly string[]) {
    const goto: Map<number, number>[] = [new Map()];
    const ends: boolean[] = [false];
    for (const literal of literals) {
      let state = 0;
      for (const byte of Buffer.from(literal, 'latin1')) {
        let next = goto[state]?.get(byte);
        if (next === undefined) {
          next = goto.push(new Map()) - 1;
          ends.push(false);
          goto[state]?.set(byte, next);
        }
        state = next;
      }
      ends[state] = true;
    }
    const dense = goto.map(() => new Int32Array(256));
    const fail = new Int32Array(goto.length);
    const queue = [0];
    for (let i = 0; i < queue.length; i++) {
      const state = queue[i] as number;
      const row = dense[state] as Int32Array;
      if (state !== 0) row.set(dense[fail[state] as number] as Int32Array);
      for (const [byte, next] of goto[state] as Map<number, number>) {
        fail[next] = state === 0 ? 0 : ((dense[fail[state] as number] as Int32Array)[byte] as number);
        ends[next] ||= ends[fail[next] as number] as boolean;
        row[byte] = next;
        queue.push(next);
      }
    }
    const order = [...ends.keys()].sort((a, b) => Number(ends[a]) - Number(ends[b]) || a - b);
    const place = new Int32Array(order.length);
    order.forEach((state, at) => {
      place[state] = at;
    });
    this.next = new Int32Array(order.length * 256);
    order.forEach((state, at) => {
      (dense[state] as Int32Array).forEach((next, byte) => {
        this.next[at * 256 + byte] = (place[next] as number) * 256;
      });
    });
    this.firstEnd = ends.filter((end) => !end).length * 256;
  }

  /** How many positions of `bytes` end a literal. */
  count(bytes: Buffer): number {
    const { next, firstEnd } = this;
    let state = 0;
    let found = 0;
    for (let at = 0; at < bytes.length; at++) {
      state = next[state + (bytes[at] as number)] as number;
      if (state >= firstEnd) found++;
    }
    return found;
  }
}
