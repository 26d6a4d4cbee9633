/** Two secrets, and how they are written in each encoding. */
import { BASE32, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { ENCODE } from './helpers.ts';

export const ID = `${'AK'}IA${characters(21, 15, BASE32)}4`;
export const TOKEN = checkedToken('np' + 'm_', 21);
export const encode = (name: string, bytes: Buffer | string) =>
  (ENCODE[name] as (bytes: Buffer) => Buffer)(Buffer.from(bytes));
