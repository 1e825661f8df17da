import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DealState, dealStateMachine, isExclusive } from '../../subgraphs/deals/registrations/deal-state.ts'
import type { DealRegistrationDocument } from '../../subgraphs/deals/registrations/deal-document.ts'
import {
  type DealsUnderTest,
  type MutationName,
  alpenland,
  dayMs,
  dealInput,
  northwind,
  startDeals,
} from './deals-under-test.ts'
import { operator } from './subgraph-under-test.ts'

let deals: DealsUnderTest

beforeAll(async () => {
  deals = await startDeals()
})
afterAll(() => deals?.stop())

/** Something that somebody does to one of the registrations that there are, or to a customer. */
interface Action {
  readonly name: MutationName
  readonly partner: 0 | 1
  readonly which: number
}

const reason = 'As agreed.'
const evidence = [{ kind: 'QUOTE', text: 'Offer.' }]
const commands = {
  registerDeal: {},
  saveDealDraft: {},
  editDeal: {},
  submitDeal: {},
  withdrawDeal: {},
  extendDeal: { evidence },
  convertDeal: {},
  winDeal: {},
  loseDeal: { reason },
  reviewDeal: {},
  reopenDeal: {},
} as const satisfies Partial<Record<MutationName, object>>
const operatorOnly: ReadonlySet<MutationName> = new Set(['reviewDeal', 'decideDeal', 'reopenDeal'])

const action: fc.Arbitrary<Action> = fc.record({
  // Deciding more often, so that histories come far.
  name: fc.constantFrom<MutationName>(
    ...(Object.keys(commands) as MutationName[]),
    ...Array<'decideDeal'>(4).fill('decideDeal'),
  ),
  partner: fc.constantFrom(0, 1),
  which: fc.nat({ max: 7 }),
})

/** Actions that arrive at once, and how long it takes until the next. */
const step = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 3 }),
  days: fc.constantFrom(0, 0, 1, 3, 15, 40, 91),
})

let runs = 0

/** Plays a history on two customers of its own and answers the registrations that it made. */
async function play(history: readonly { actions: readonly Action[]; days: number }[]): Promise<string[]> {
  runs += 1
  const customers = [0, 1].map((index) => ({ name: 'Any', domain: `history-${runs}-${index}.example`, country: 'DE' }))
  const ids: string[] = []
  const act = async ({ name, partner, which }: Action): Promise<void> => {
    const own = [northwind, alpenland][partner] ?? northwind
    const customer = customers[which % 2]
    if (name === 'registerDeal' || name === 'saveDealDraft') {
      const { entity } = await deals.call(own, name, dealInput({ customer }))
      if (entity) ids.push(entity.id)
      return
    }
    const id = ids[which % Math.max(1, ids.length)] ?? 'deal_none'
    const decision = (['APPROVE', 'APPROVE', 'REJECT', 'RETURN'] as const)[which % 4]
    const more = name === 'decideDeal' ? { decision, reason } : commands[name as keyof typeof commands]
    const edit = name === 'editDeal' ? { customer } : {}
    await deals.call(operatorOnly.has(name) ? operator : own, name, { id, ...more, ...edit })
  }
  let ahead = 0
  try {
    for (const { actions, days } of history) {
      await Promise.all(actions.map(act))
      deals.advanceClock(days * dayMs)
      ahead += days * dayMs
      if (days > 1) await Promise.all([deals.runTimers(), deals.runTimers()])
    }
  } finally {
    deals.advanceClock(-ahead)
  }
  return ids
}

async function documentsOf(ids: readonly string[]): Promise<DealRegistrationDocument[]> {
  const all = deals.connection.collection<DealRegistrationDocument>('deal_registrations')
  return all.find({ _id: { $in: ids } }).toArray()
}

/** Refuses a path that the table does not have; reopening alone leads back from WON. */
function checkPath(path: readonly DealState[]): void {
  for (const [place, state] of path.entries()) {
    const before = path[place - 1]
    if (before === undefined) expect(['DRAFT', 'SUBMITTED']).toContain(state)
    else if (before === 'WON') expect(['APPROVED', 'CONVERTED']).toContain(state)
    else expect(dealStateMachine.next(before)).toContain(state)
  }
}

const ofNoState: ReadonlySet<string> = new Set(['deal.decision_overdue', 'deal.protection_expiring'])
const staying: ReadonlySet<string> = new Set(['deal.edited', 'deal.extended', 'deal.protection_ended', ...ofNoState])

describe('any history of registrations', () => {
  it('has at most one exclusive one of a customer, legal paths, an event for each change, and notices once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (history) => {
        const documents = await documentsOf(await play(history))
        const exclusive = documents.filter((deal) => deal.exclusive)
        expect(new Set(exclusive.map(({ conflictKey }) => conflictKey)).size).toBe(exclusive.length)
        for (const deal of documents) {
          expect(deal.exclusive && !isExclusive(deal.state)).toBe(false)
          const events = await deals.eventsOf(deal._id)
          const path = events.filter(({ type }) => !staying.has(type)).map(({ data }) => data['state'] as DealState)
          checkPath(path)
          expect(path.at(-1)).toBe(deal.state)
          // Every change has its event and every event its change; notices change nothing that has a version.
          expect(deal.version).toBe(events.filter(({ type }) => !ofNoState.has(type)).length)
          const submissions = path.filter((state) => state === 'SUBMITTED').length
          expect(events.filter(({ type }) => type === 'deal.decision_overdue').length).toBeLessThanOrEqual(submissions)
          const notices = events.filter(({ type }) => type === 'deal.protection_expiring')
          const distinct = new Set(
            notices.map(({ data }) => `${String(data['daysLeft'])} ${String(data['protectedUntil'])}`),
          )
          expect(distinct.size).toBe(notices.length)
          expect(deal.opportunityId !== null).toBe(path.includes('CONVERTED'))
        }
      }),
      { numRuns: 25 },
    )
  }, 120_000)
})
