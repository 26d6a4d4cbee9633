import { describe, expect, it } from 'vitest';
import { MAX_PATH_STATES, pathClasses } from '../../../cli/diff/paths.ts';
import { MAX_SEGMENT_STATES, segmentClasses } from '../../../cli/diff/segments.ts';
import { parseGlob, type SegmentGlob } from '../../../crds/globs.ts';

describe('classes of paths', () => {
  const patterns = (...texts: string[]) =>
    texts.flatMap((text): SegmentGlob[] => {
      const parsed = parseGlob(`/${text}`);
      return parsed.ok ? (parsed.glob.runs[0] ?? []) : [];
    });

  it('has a path in each set of globs that a path can be in', () => {
    expect(pathClasses([]).paths).toEqual(['/x']);
    expect(pathClasses(['/a', '/*', '/**']).paths.sort()).toEqual(['/', '/a', '/x']);
    const { paths, complete } = pathClasses(['/**/info/refs', '/acme/**']);
    expect(complete).toBe(true);
    // Both, the first alone, the second alone, neither.
    expect(paths).toContain('/acme/info/refs');
    expect(paths).toContain('/info/refs');
    expect(paths).toContain('/acme');
    expect(paths).toHaveLength(4);
  });

  it('has a segment in each set of patterns that a segment can be in', () => {
    const { segments } = segmentClasses(patterns('@*', '*.tgz', '@a.tgz'));
    expect(segments).toContain('@a.tgz');
    expect(segments.some((text) => text.startsWith('@') && text.endsWith('.tgz') && text !== '@a.tgz')).toBe(true);
    expect(segments.some((text) => text.startsWith('@') && !text.endsWith('.tgz'))).toBe(true);
    expect(segments.some((text) => !text.startsWith('@') && text.endsWith('.tgz'))).toBe(true);
    expect(segments).toContain('');
  });

  it('finds a character that no pattern names', () => {
    expect(segmentClasses(patterns('x*', '*yz')).fresh).toBe('q');
    const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
    expect(segmentClasses(patterns(`${letters}*`)).fresh).toBe('\u00f8');
  });

  it('sends what is not plain in a path encoded', () => {
    expect(pathClasses(['/a b/%41@+']).paths).toContain('/a%20b/%2541@+');
  });

  it('says when there are too many', () => {
    const stars = Array.from({ length: 14 }, (_, i) => `*${String.fromCharCode(97 + i)}*`);
    expect(segmentClasses(patterns(...stars)).complete).toBe(false);
    expect(2 ** 14).toBeGreaterThan(MAX_SEGMENT_STATES);
    const deep = Array.from({ length: 14 }, (_, i) => `/**/${String.fromCharCode(97 + i)}/**`);
    expect(pathClasses(deep).complete).toBe(false);
    expect(2 ** 14).toBeGreaterThan(MAX_PATH_STATES);
    expect(pathClasses(deep.slice(0, 6)).complete).toBe(true);
  });
});
