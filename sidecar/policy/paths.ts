/** Paths and queries as the judge sees them; defined with the API, since they are what `http.paths` and `http.query` mean. */
import { matchGlob, parseGlob } from '../../crds/globs.ts';

export {
  canonicalPath,
  canonicalQuery,
  MAX_PATH_ENCODINGS,
  MAX_PATH_LENGTH,
  MAX_QUERY_LENGTH,
} from '../../crds/paths.ts';

/** Whether the glob names the path of these canonical segments. A glob that is not well-formed matches nothing. */
export function pathMatches(glob: string, segments: readonly string[]): boolean {
  const parsed = parseGlob(glob);
  return parsed.ok && matchGlob(parsed.glob, segments);
}
