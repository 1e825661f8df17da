import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toCloudEvent } from '../../kit/cloud-event.ts'

const event = {
  id: 'evt_1',
  position: 42,
  source: 'deals',
  type: 'deal.won',
  subject: 'deal_1',
  time: new Date('2026-11-21T10:20:30.400Z'),
  audience: ['org_1'],
  data: { valueMinorUnits: 500 },
}

describe('an event for readers outside', () => {
  it('has the attributes that CloudEvents 1.0 requires, and does not tell who else may learn of it', () => {
    expect(toCloudEvent(event)).toEqual({
      specversion: '1.0',
      id: 'evt_1',
      source: '/deals',
      type: 'deal.won',
      subject: 'deal_1',
      time: '2026-11-21T10:20:30.400Z',
      datacontenttype: 'application/json',
      sequence: '0000000000000042',
      data: { valueMinorUnits: 500 },
    })
  })

  it('has a sequence that sorts as positions do', () => {
    const position = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(position, position, (one, other) => {
        const [first, second] = [one, other].map((at) => toCloudEvent({ ...event, position: at }).sequence)
        expect((first ?? '') < (second ?? '')).toBe(one < other)
      }),
    )
  })
})
