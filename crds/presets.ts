/** Presets: what a tool needs, as data (presets/*.yaml), with requests that it must allow and must refuse. */
import { PRESETS } from './presets.generated.ts';
import type { HttpMatch, Reason } from './runtime.ts';

/** A request that a preset is tested with, on its first host and port. */
export interface PresetExample {
  /** What the tool does there. */
  what: string;
  method: string;
  /** As sent, with query. */
  url: string;
  contentType?: string;
  /** Bytes; absent: no body. */
  bodySize?: number;
}

export interface Preset {
  name: string;
  /** Raised with every change of what it allows. */
  revision: number;
  description: string;
  /** Where the facts are from. */
  source: readonly string[];
  protocol: 'HTTPS' | 'HTTP';
  /** Empty: there is no usual host, and a rule has to name one. */
  hosts: readonly string[];
  ports: readonly number[];
  /** For every item of `http` that has none of its own. */
  forwardHeaders: readonly string[];
  http: readonly (Omit<HttpMatch, 'maxBodySize'> & { maxBodySize?: string | number })[];
  allows: readonly PresetExample[];
  refuses: readonly (PresetExample & { reason: Reason })[];
}

const BY_NAME = new Map(PRESETS.map((preset) => [preset.name, preset]));

export const PRESET_NAMES: readonly string[] = [...BY_NAME.keys()];

export function findPreset(name: string): Preset | undefined {
  return BY_NAME.get(name);
}
