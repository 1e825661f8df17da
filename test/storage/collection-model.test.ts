import { test } from 'vitest'
import { checkCollection } from './model/collection-property.ts'
import { openTestDatabase } from './test-database.ts'

test('updates of what a filter finds leave what a slow model of the manual says, with indexes and without', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  await checkCollection(connection.getClient().db(connection.name), { numRuns: 10 })
}, 120_000)
