import { defineConfig } from 'vitest/config'

export default defineConfig(({ mode }) => ({
  // Vite would take graphql's ESM build, Node takes its CommonJS build: both in one process are two realms.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    // `npm run test:long` is `--mode long`: everything, with what takes minutes.
    exclude: mode === 'long' ? [] : ['test/long/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes sooner or later, by how busy the machine is; a second is none of its business.
    expect: { poll: { timeout: 20_000 } },
    // Two cores: more workers than that only make timing-sensitive tests wait for each other.
    maxWorkers: 2,
  },
}))
