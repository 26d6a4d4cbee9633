import { BASE64URL, characters } from './samples.ts';
import { token } from './token.ts';
import type { Detector } from './types.ts';

export const gitlabToken: Detector = {
  name: 'gitlab-token',
  literals: ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-', 'glft-', 'glsoat-', 'glagent-', 'gloas-', 'glimt-'],
  confirm: token({
    pattern: 'gl(?:pat|dt|rt|ptt|cbt|ft|soat|agent|oas|imt)-[A-Za-z0-9_.-]{20,300}',
    minEntropy: 3.4,
    accept: (text) => /[0-9]/.test(text) && /[A-Z]/.test(text.toUpperCase()),
  }),
  homeHosts: ['gitlab.com', '*.gitlab.com'],
  source: 'https://docs.gitlab.com/security/tokens/#token-prefixes',
  examples: (seed) => ({
    matching: [`${'gl'}pat-7${characters(seed, 19, BASE64URL)}`, `${'gl'}rt-t1_7${characters(seed, 20, BASE64URL)}`],
    other: [`${'gl'}pat-your-token`, `${'gl'}pat-${'x'.repeat(20)}`],
  }),
};
