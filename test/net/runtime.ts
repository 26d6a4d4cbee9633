/** The Node that Weir runs with and the programs under test: this checkout's, or an installed package's at WEIR_UNDER_TEST. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const root = process.env.WEIR_UNDER_TEST ?? fileURLToPath(new URL('../..', import.meta.url));

export const NODE = path.join(root, `node_modules/node-linux-${arch}/bin/node`);
export const WEIR = path.join(root, 'bin/weir');
export const bundle = (name: string): string => path.join(root, 'dist', name);
