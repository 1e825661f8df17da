import { configHelp, readConfig } from '../kit/config.ts'
import { ConfigError } from '../kit/config-error.ts'
import { connectStorage } from '../storage/connect.ts'
import { explainFailure } from '../kit/explain-failure.ts'
import { seedDemoWorld } from './seed-demo-world.ts'

const help = `Fills the empty database at MONGODB_URI with the demo world, for keys that derive from TRIBUTARY_SECRET.

  node dist/subgraphs/seed.js

${configHelp()}
`

const outcomes = {
  seeded: 'The demo world is seeded.',
  'was seeded': 'The demo world was seeded before; nothing was changed.',
} as const

/** Seeds the demo world once, as a process of its own: `node dist/subgraphs/seed.js`. */
async function main([argument]: readonly string[]): Promise<void> {
  if (argument === '--help' || argument === '-h') {
    process.stdout.write(help)
    return
  }
  if (argument !== undefined) throw new ConfigError(`Seeding takes no arguments, but ${argument} was given.`)
  const { MONGODB_URI: uri, TRIBUTARY_SECRET: secret, DATA_DIR: dataDir, DEMO: demo } = readConfig()
  if (demo === false) {
    process.stdout.write('DEMO is false: nothing was seeded.\n')
    return
  }
  if (uri === undefined) throw new ConfigError('Set MONGODB_URI to the database to seed.')
  if (secret === undefined) throw new ConfigError('Set TRIBUTARY_SECRET: the keys of the demo apps derive from it.')
  const storage = await connectStorage({ dataDir, mongodbUri: uri })
  try {
    const outcome = await seedDemoWorld({ connection: storage.connection, now: () => new Date(), secret })
    if (outcome === 'not empty') {
      throw new ConfigError('The database at MONGODB_URI holds other data; the demo world needs an empty one.')
    }
    process.stdout.write(`${outcomes[outcome]}\n`)
  } finally {
    await storage.close()
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`)
  process.exitCode = 1
}
