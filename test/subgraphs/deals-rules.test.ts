import { readFile } from 'node:fs/promises'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dealStateMachine, dealStates, isExclusive } from '../../subgraphs/deals/registrations/deal-state.ts'
import { formatAmount } from '../../kit/money.ts'
import { parseMoney } from '../../subgraphs/deals/money-input.ts'

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

describe('an amount of money in an input', () => {
  it('is read exactly as it is printed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 ** 12 - 1 }),
        fc.constantFrom('EUR', 'JPY', 'KWD'),
        (minorUnits, code) => {
          const money = { minorUnits, currencyCode: code }
          expect(parseMoney({ amount: formatAmount(money), currencyCode: code })).toEqual(money)
        },
      ),
    )
  })

  it.each(['', '-1', '1e3', '1,000', '1.234', 'NaN', '0x10', '1'.repeat(13), '१२'])('is not %j', (amount) => {
    expect(parseMoney({ amount, currencyCode: 'EUR' })).toBeNull()
  })

  it.each(['eur', 'EURO', '€', ''])('has no currency %j', (currencyCode) => {
    expect(parseMoney({ amount: '1', currencyCode })).toBeNull()
  })
})
