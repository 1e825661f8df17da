import type mongoose from 'mongoose'
import { test } from 'vitest'
import { checkCollection } from '../storage/model/collection-property.ts'
import { checkPipelines } from '../storage/model/pipeline-property.ts'
import { checkUpdates } from '../storage/model/update-property.ts'
import { openTestDatabase } from '../storage/test-database.ts'

/** The day, so that every day tries other commands, and a failure can be looked for again. */
const seed = Number(process.env['MODEL_SEED'] ?? Math.floor(Date.now() / 86_400_000))
const rounds = Number(process.env['MODEL_ROUNDS'] ?? 1)

type Check = (db: mongoose.mongo.Db, options: { numRuns: number; seed: number }) => Promise<void>

// `npm test` asks a fiftieth of this.
test.each<[string, Check, number]>([
  ['updates', checkUpdates, 800 * rounds],
  ['updates of collections', checkCollection, 800 * rounds],
  ['pipelines', checkPipelines, 500 * rounds],
])(
  'random %s give what a slow model of the manual gives',
  async (name, check, numRuns) => {
    process.stdout.write(`model of ${name}: ${numRuns} runs, MODEL_SEED=${seed} MODEL_ROUNDS=${rounds}\n`)
    await using server = await openTestDatabase()
    const connection = await server.connect()
    await check(connection.getClient().db(connection.name), { numRuns, seed })
  },
  rounds * 900_000,
)
