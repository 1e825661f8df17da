import { fileURLToPath, pathToFileURL } from 'node:url'
import { defineConfig } from 'vitest/config'
import { staleTargets } from './scripts/prepare/build.mjs'

/** What starts whole products, or puts another module in the place of one. */
const apart = [
  'test/{e2e,portal,ship}/**/*.test.ts',
  'test/attacks/documents.test.ts',
  'test/gateway/stream-pressure.test.ts',
]

/** What starts a thread or a process of ours on the file beside it. */
const starters = /\/(?:gateway\/plan\/start-planner-worker|schema\/workshop\/workshop|storage\/embedded\/launch)\.ts$/
const isBuilt = !staleTargets().some(({ name }) => name === 'the server')
const root = fileURLToPath(new URL('.', import.meta.url))

/** Where dist is what the sources make, they start what is built there: to compile it again takes longer than its work. */
const startBuilt = {
  name: 'start-built',
  transform(code: string, id: string) {
    if (!isBuilt || !starters.test(id)) return null
    const built = pathToFileURL(`${root}dist/${id.slice(root.length, -'.ts'.length)}.js`)
    return code.replaceAll('import.meta.url', JSON.stringify(built.href))
  },
}

export default defineConfig(({ mode }) => {
  // `npm run test:long` is `--mode long`: everything, with what takes minutes.
  const notNow = mode === 'long' ? [] : ['test/long/**']
  return {
    // Vite would take graphql's ESM build, Node takes its CommonJS build: both in one process are two realms.
    plugins: [startBuilt],
    resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
    test: {
      globalSetup: 'test/run-setup.ts',
      testTimeout: 60_000,
      hookTimeout: 120_000,
      // What is waited for comes sooner or later, by how busy the machine is; a second is none of its business.
      expect: { poll: { timeout: 40_000 } },
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
