import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { dealStateMachine, dealStates, isExclusive } from '../../subgraphs/deals/registrations/deal-state.ts'

describe('the states of a registration', () => {
  it('can all be reached from a draft', () => {
    const reached = new Set(['DRAFT'])
    for (const state of dealStates) for (const next of dealStateMachine.next(state)) reached.add(next)
    expect([...reached].toSorted()).toEqual(dealStates.toSorted())
  })

  it('never become exclusive again once they have given a customer up', () => {
    for (const state of dealStates.filter((each) => !isExclusive(each) && each !== 'DRAFT')) {
      expect(dealStateMachine.next(state)).toEqual([])
    }
  })

  it('tell the current and the allowed states when a transition is refused', () => {
    expect(dealStateMachine.refusal('APPROVED', 'REJECTED')).toBe(
      'The registration is APPROVED and cannot become REJECTED; it can go to CONVERTED, EXPIRED, WON, LOST only.',
    )
    expect(dealStateMachine.refusal('WON', 'APPROVED')).toBe(
      'The registration is WON and cannot become APPROVED; it is final.',
    )
    expect(dealStateMachine.refusal('SUBMITTED', 'APPROVED')).toBeUndefined()
  })
})

describe('the diagram of states in the documentation', () => {
  it('shows every transition of the table, and reopening besides', async () => {
    const page = await readFile(new URL('../../docs/domain/deals.md', import.meta.url), 'utf8')
    const drawn = [...page.matchAll(/^ {2}(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from} ${to}`)
    // Withdrawing is told in the sentence below it, for it leads from four states.
    const table = dealStates.flatMap((from) => dealStateMachine.next(from).map((to) => `${from} ${to}`))
    const expected = [...table.filter((step) => !step.endsWith('WITHDRAWN')), 'WON APPROVED', 'WON CONVERTED']
    expect(drawn.toSorted()).toEqual(expected.toSorted())
  })
})
