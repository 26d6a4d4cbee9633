import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,fuzz,net,clients,gauntlet,conformance}/**/*.test.ts'],
    // Two cores, and the network suites measure what arrives: files of one suite run one after the other.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    allowOnly: false,
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['crds/**/*.ts', 'sidecar/**/*.ts', 'cli/**/*.ts', 'webhook/**/*.ts'],
      // AssemblyScript runs as what it is compiled to.
      exclude: ['**/*.generated.ts', '**/*.asm.ts'],
      reporter: ['json'],
      reportsDirectory: 'coverage/vitest',
    },
  },
});
