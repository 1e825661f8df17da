import { describe, expect, it } from 'vitest'
import { eventIdOf, readGivenEvents } from '../../subgraphs/partner/handed-in-events/read-events.ts'

const now = new Date('2026-11-02T09:30:00Z')
const given = { id: 'a', type: 'loyalty.used', subject: 'loy_1', time: now.toISOString(), organizations: ['org_1'] }
/** What is read of an event with this JSON for its data, as it is written there. */
const read = (data: string) => {
  const event = JSON.stringify(given).slice(0, -1)
  return readGivenEvents(`{"events":[${event},"data":${data}}]}`, { subgraph: 'loyalty', now })
}
const fieldsOf = (data: string) => read(data).faults.map(({ code, field }) => [code, field])

describe('the data of an event that is handed in', () => {
  it('is taken as it is, or not at all', () => {
    const data = {
      points: -9_007_199_254_740_991,
      share: 0.1,
      of: ['é', '😀'],
      nothing: null,
      toString: 'a',
      length: 1,
    }
    expect(read(JSON.stringify(data)).events).toMatchObject([{ data }])
  })

  it.each([
    ['a number that JavaScript would round', '{"points":9007199254740993}', 'data.points'],
    ['a number that is none', '{"points":1e400}', 'data.points'],
    ['half a character', String.raw`{"name":"\ud800"}`, 'data.name'],
    ['half a character in a list', String.raw`{"names":["a","\udc00"]}`, 'data.names.1'],
    ['the prototype', '{"points":1,"__proto__":"x"}', 'data'],
    ['an object for the prototype', '{"__proto__":{"points":1}}', 'data'],
    ['a name that is left out when a delivery is stored', '{"prototype":"x"}', 'data.prototype'],
    ['a name that is read as a function then', '{"constructor":null}', 'data.constructor'],
    ['what comes with a selection', '{"graph":1}', 'data.graph'],
    ['depth', `{"points":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'data.points'],
    ['a list', '[1]', 'data'],
  ])('is refused with %s', (_, data, field) => {
    expect(fieldsOf(data)).toEqual([['INVALID_EVENT', field]])
  })

  it('says what is wrong with a name', () => {
    expect(read('{"$where":1}').faults[0]?.message).toBe('data.$where: is no name, or a reserved one')
  })
})

it('The id of an event is that of no other subgraph', () => {
  expect(eventIdOf('loyalty', 'a')).not.toBe(eventIdOf('rewards', 'a'))
  expect(eventIdOf('loyalty', 'a')).toBe(eventIdOf('loyalty', 'a'))
})
