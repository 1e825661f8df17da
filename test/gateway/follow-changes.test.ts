import { afterEach, expect, it } from 'vitest'
import { followChanges } from '../../gateway/identity/follow-changes.ts'
import { createIdentityChanges } from '../../gateway/identity/identity-changes.ts'
import { createQueue } from '../../kit/event-queue.ts'
import { createLogger } from '../../kit/log.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'

interface Line {
  readonly tell: (subject: string | null, id: string | null) => void
  readonly cut: () => void
  readonly end: () => void
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Follows subgraphs whose lines a test holds in its hands; the newest of each counts. */
function follow() {
  const clock = { ms: 1_000 }
  const lines = new Map<string, Line>()
  const state = { opened: 0, refuse: false }
  const changes = createIdentityChanges(() => clock.ms)
  const followed = followChanges(changes, {
    subscribe(subgraph, _query, signal) {
      if (state.refuse) return Promise.resolve({ errors: [{ message: 'no' }] })
      const queue = createQueue<SubgraphResult>({ limit: 100, onEnd: () => undefined })
      signal.addEventListener('abort', () => queue.end(), { once: true })
      lines.set(subgraph, {
        tell: (subject, id) => queue.push({ data: { changed: { subject, id } } }),
        cut: () => queue.fail(new Error('cut')),
        end: queue.end,
      })
      state.opened += 1
      return Promise.resolve(queue.iterator)
    },
    log: createLogger('test', 'silent'),
    nowMs: () => clock.ms,
    retryMs: 1,
  })
  closing.push(() => followed.close())
  const line = (subgraph: string): Line => {
    const found = lines.get(subgraph)
    if (found === undefined) throw new Error(`no line to ${subgraph}`)
    return found
  }
  return { clock, changes, line, state }
}

it('is complete from when the last of the subgraphs tells of changes', async () => {
  const { changes } = follow()
  expect(changes.completeSince()).toBeNull()
  await expect.poll(() => changes.completeSince()).toBe(1_000)
})

it('notes what has changed, and nothing of a sign of life', async () => {
  const { changes, line } = follow()
  await expect.poll(() => changes.completeSince()).not.toBeNull()
  const told: string[] = []
  changes.listen((subject) => told.push(subject))
  line('partner').tell('APP', 'app_1')
  line('billing').tell(null, null)
  line('billing').tell('PLAN', 'plan_1')
  await expect.poll(() => told.toSorted()).toEqual(['APP:app_1', 'PLAN:plan_1'])
  expect(changes.count()).toBe(2)
  expect(changes.concern(['APP:app_1'], 1_000)).toBe(true)
  expect(changes.concern(['APP:app_1'], 1_001)).toBe(false)
  expect(changes.concern(['APP:app_2'], 0)).toBe(false)
})

it.each(['cut', 'end'] as const)(
  'is not complete from when one line has come to its %s until it is there again',
  async (how) => {
    const { changes, line, clock, state } = follow()
    await expect.poll(() => changes.completeSince()).toBe(1_000)
    clock.ms += 500
    state.refuse = true
    line('billing')[how]()
    await expect.poll(() => changes.completeSince()).toBeNull()
    state.refuse = false
    await expect.poll(() => changes.completeSince()).toBe(1_500)
  },
)

it('is not complete while a line is silent', async () => {
  const { changes, line, clock } = follow()
  await expect.poll(() => changes.completeSince()).toBe(1_000)
  clock.ms += 2_000
  line('partner').tell(null, null)
  clock.ms += 501
  expect(changes.completeSince()).toBeNull()
  line('billing').tell(null, null)
  await expect.poll(() => changes.completeSince()).toBe(1_000)
})

it('forgets no change that could matter, however many there are', async () => {
  const { changes, line, clock } = follow()
  await expect.poll(() => changes.completeSince()).toBe(1_000)
  line('partner').tell('APP', 'app_first')
  await expect.poll(() => changes.count()).toBe(1)
  const noted = createIdentityChanges(() => clock.ms)
  noted.note('APP:app_first')
  for (let index = 0; index < 20_001; index += 1) {
    clock.ms += 1
    noted.note(`APP:app_${index}`)
  }
  // It is forgotten, so that all from before it counts as changed.
  expect(noted.concern(['APP:app_first'], 1_000)).toBe(true)
  expect(noted.concern(['APP:app_first'], clock.ms)).toBe(false)
})
