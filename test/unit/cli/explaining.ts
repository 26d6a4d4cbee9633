/** What is asked of explain, under one policy. */
import { explain } from '../../../cli/explain.ts';
import { call, POLICY, temporaryFiles } from './support.ts';

export const file = temporaryFiles();
export const policy = file('policy.yaml', POLICY);
export const audit = file('audit.yaml', POLICY.replace('spec:', 'spec:\n  mode: Audit'));
export const ask = (url: string, ...more: string[]) => call(explain, '--policy', policy, '--url', url, ...more);
