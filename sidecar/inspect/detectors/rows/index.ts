/** All rows. Order within a room does not matter. */
import type { Row } from '../grammar/row.ts';
import { AI } from './ai.ts';
import { CHAT } from './chat.ts';
import { CI } from './ci.ts';
import { CLOUD } from './cloud.ts';
import { DATA } from './data.ts';
import { MAIL } from './mail.ts';
import { MONITORING } from './monitoring.ts';
import { PAYMENT } from './payment.ts';
import { SAAS } from './saas.ts';
import { SOURCE } from './source.ts';

export const ROWS: readonly Row[] = [
  ...CLOUD,
  ...SOURCE,
  ...CI,
  ...CHAT,
  ...AI,
  ...PAYMENT,
  ...MAIL,
  ...MONITORING,
  ...DATA,
  ...SAAS,
];
