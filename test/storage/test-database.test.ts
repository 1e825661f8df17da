import { expect, test } from 'vitest'
import { replicaSetUri, withDatabase } from './test-database.ts'

if (replicaSetUri === undefined) {
  process.stdout.write(
    'TEST_MONGODB_URI is not set: the tests use the embedded database, and what compares it with a replica set is skipped.\n',
  )
}

test.each([
  ['mongodb://one,two:27018', 'mongodb://one,two:27018/t'],
  ['mongodb://one/app?replicaSet=rs0', 'mongodb://one/t?replicaSet=rs0'],
  ['mongodb://u:p%40@one/app?replicaSet=rs0', 'mongodb://u:p%40@one/t?replicaSet=rs0&authSource=app'],
  ['mongodb+srv://u:p@host', 'mongodb+srv://u:p@host/t?authSource=admin'],
  ['mongodb://u:p@one/app?authSource=admin', 'mongodb://u:p@one/t?authSource=admin'],
])('tests use a database of their own on %s', (uri, expected) => {
  expect(withDatabase(uri, 't')).toBe(expected)
})
