import { test } from 'vitest'
import { checkPipelines } from './model/pipeline-property.ts'
import { openTestDatabase } from './test-database.ts'

test('pipelines give what a slow model of the manual gives, with indexes and without', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  await checkPipelines(connection.getClient().db(connection.name), { numRuns: 8 })
}, 120_000)
