/** `weir schema`: the fields of a policy, for people or for an editor. */
import { nearest } from '../crds/issues.ts';
import { runCommand } from './arguments.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { publishedSchema, schemaText } from './schemas.ts';
import { SCHEMA, SCHEMA_NAMES, type SchemaName } from './table.ts';

/** Resolves to the exit status. */
export function schema(argv: string[], io: Io): Promise<number> {
  return runCommand(SCHEMA, argv, io, async (given) => {
    const [written = 'policy', ...more] = given.operands;
    const name = SCHEMA_NAMES.find((known) => known === written.toLowerCase());
    if (more.length > 0) throw new UsageError('name one kind');
    if (name === undefined) {
      const meant = nearest(written, SCHEMA_NAMES);
      throw new UsageError(
        `"${written}" is not one of ${SCHEMA_NAMES.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      );
    }
    io.stdout(given.has('json') ? `${JSON.stringify(publishedSchema(name), null, 2)}\n` : texts(name));
    return EXIT.ok;
  });
}

function texts(name: SchemaName): string {
  const names = name === 'policy' ? (['egresspolicy', 'clusteregresspolicy'] as const) : ([name] as const);
  return `${names.map(schemaText).join('\n\n')}\n`;
}
