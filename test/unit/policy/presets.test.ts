/** Every preset against its own examples, through the engine that enforces it. */
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../../crds/presets.generated.ts';
import type { PresetExample } from '../../../crds/presets.ts';
import type { RequestFacts } from '../../../crds/runtime.ts';
import { engineOf, outcome, request } from './support.ts';

const factsOf = (origin: string, { method, url, contentType, bodySize }: PresetExample): RequestFacts =>
  request(method, `${origin}${url}`, {
    ...(contentType !== undefined && { contentType }),
    ...(bodySize !== undefined && { hasBody: true, contentLength: bodySize }),
  });

describe.each(PRESETS)('preset $name', (preset) => {
  const to = preset.hosts.length === 0 ? ', to: {hosts: [usual.acme.dev]}' : '';
  const own = engineOf(`egress: [{name: r, preset: {name: ${preset.name}}${to}}]`);
  const origin = `https://${preset.hosts[0] ?? 'usual.acme.dev'}`;

  it('says where its facts are from, and has examples of both kinds', () => {
    expect(preset.source.length).toBeGreaterThan(0);
    expect(preset.allows.length).toBeGreaterThan(0);
    expect(preset.refuses.length).toBeGreaterThan(0);
  });

  it.each(preset.allows)('allows: $what ($method $url)', (example) => {
    expect(outcome(own.decideRequest(factsOf(origin, example)))).toBe('allow p/r');
  });

  it.each(preset.refuses)('refuses: $what ($method $url)', (example) => {
    expect(outcome(own.decideRequest(factsOf(origin, example)))).toBe(`${example.reason} p/r`);
  });

  it('goes to the hosts of the rule instead of its own, also in plain HTTP', () => {
    const [example] = preset.allows;
    if (!example) throw new Error('no example');
    const moved = engineOf(
      `egress: [{name: r, protocol: HTTP, preset: {name: ${preset.name}}, to: {hosts: [mirror.acme.dev], ports: [4873]}}]`,
    );
    expect(outcome(moved.decideRequest(factsOf('http://mirror.acme.dev:4873', example)))).toBe('allow p/r');
    expect(outcome(moved.decideRequest(factsOf(origin, example)))).toBe('host.not-allowed');
  });

  it('is narrowed by the rule', () => {
    const closed = engineOf(
      `egress: [{name: r, preset: {name: ${preset.name}}${to}, http: [{paths: [/nowhere/at/all]}]}]`,
    );
    for (const example of preset.allows) {
      expect(outcome(closed.decideRequest(factsOf(origin, example)))).toMatch(/^http\./);
    }
  });

  it('forwards only what the protocol needs', () => {
    const [example] = preset.allows;
    const verdict = example && own.decideRequest(factsOf(origin, example));
    const headers = verdict?.allow ? verdict.match?.forwardHeaders : undefined;
    expect(headers?.has('authorization')).toBe(true);
    expect(headers?.has('cookie')).toBe(false);
    expect(headers?.has('x-leak')).toBe(false);
  });
});
