import { defineConfig } from 'vitest/config'

/** What starts whole products or browsers of its own, or puts another module in the place of one. */
const apart = [
  'test/{cli,e2e,portal,ship}/**/*.test.ts',
  'test/auth/{pages,sign-up-pages}.test.ts',
  'test/attacks/documents.test.ts',
  'test/gateway/stream-pressure.test.ts',
]

export default defineConfig(({ mode }) => {
  // `npm run test:long` is `--mode long`: everything, with what takes minutes.
  const notNow = mode === 'long' ? [] : ['test/long/**']
  return {
    // Vite would take graphql's ESM build, Node takes its CommonJS build: both in one process are two realms.
    resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
    test: {
      globalSetup: 'test/run-setup.ts',
      testTimeout: 30_000,
      hookTimeout: 60_000,
      // What is waited for comes sooner or later, by how busy the machine is; a second is none of its business.
      expect: { poll: { timeout: 20_000 } },
      // Two cores: more workers than that only make timing-sensitive tests wait for each other.
      maxWorkers: 2,
      projects: [
        {
          extends: true,
          test: { name: 'apart', include: [...apart, 'test/long/**/*.test.ts'], exclude: notNow },
        },
        {
          extends: true,
          // No module keeps state, so that files may share them: to load them anew for each took a quarter of the time.
          test: {
            name: 'together',
            include: ['test/**/*.test.ts'],
            exclude: [...apart, 'test/long/**'],
            isolate: false,
          },
        },
      ],
    },
  }
})
