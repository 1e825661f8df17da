import { expect, it } from 'vitest'
import { createLease } from '../../jobs/lease.ts'
import { openTestDatabase } from '../storage/test-database.ts'

const hour = 60 * 60 * 1_000

it('is held by one process, and by the next one when its time is over or it was given back', async () => {
  await using database = await openTestDatabase()
  const connection = await database.connect()
  let at = Date.now()
  const lease = () => createLease(connection, { name: 'work', seconds: 30, now: () => new Date(at) })
  const [one, other] = [lease(), lease()]
  expect(await one.hold()).toBe(true)
  expect(await other.hold()).toBe(false)
  at += 31_000
  expect(await other.hold()).toBe(true)
  expect(await one.hold()).toBe(false)
  await other.release()
  expect(await one.hold()).toBe(true)
})

it('is not kept for a year by a process whose clock was a year ahead when it died', async () => {
  await using database = await openTestDatabase()
  const connection = await database.connect()
  const leaseAt = (ahead: number) =>
    createLease(connection, { name: 'work', seconds: 30, now: () => new Date(Date.now() + ahead) })
  expect(await leaseAt(365 * 24 * hour).hold()).toBe(true)
  const right = leaseAt(0)
  expect(await right.hold()).toBe(true)
  expect(await leaseAt(-2_000).hold()).toBe(false)
})
