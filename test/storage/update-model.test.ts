import { test } from 'vitest'
import { checkUpdates } from './model/update-property.ts'
import { openTestDatabase } from './test-database.ts'

test('updates do to a document what a slow model of the manual does', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  await checkUpdates(connection.getClient().db(connection.name), { numRuns: 15 })
}, 120_000)
