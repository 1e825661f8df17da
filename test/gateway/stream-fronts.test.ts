import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refusedAnswer } from '../../gateway/streams/stream-operation.ts'
import { CodedError, type ErrorCode } from '../../kit/errors.ts'
import { type Following, streamClients } from './stream-clients.ts'
import { PlayedStream, type StreamFronts, answerOf, startStreamFronts, tick } from './stream-fronts-under-test.ts'

let fronts: StreamFronts
let followings: Following[]
beforeEach(async () => {
  fronts = await startStreamFronts()
  followings = []
})
afterEach(async () => {
  for (const following of followings) following.leave()
  await fronts[Symbol.asyncDispose]()
})

const query = 'subscription { ticked }'
const ticks = (count: number) => Array.from({ length: count }, (_, index) => tick(index))
const valuesOf = (count: number) => Array.from({ length: count }, (_, ticked) => ({ ticked }))

const play = (): PlayedStream => {
  const stream = new PlayedStream()
  fronts.run = () => Promise.resolve(stream)
  return stream
}

describe.each(Object.entries(streamClients))('%s', (name, client) => {
  const follow = (options: { query?: string; key?: string } = {}): Following => {
    const following = client({ url: fronts.url, query, ...options })
    followings.push(following)
    return following
  }

  it('follows a stream in order until it is complete', async () => {
    const stream = play()
    stream.push(...ticks(3))
    const following = follow()
    await expect.poll(() => following.results).toEqual(valuesOf(3))
    stream.push(tick(3))
    await expect.poll(() => following.results).toEqual(valuesOf(4))
    expect(following.end).toBeNull()
    stream.end(null)
    await expect.poll(() => following.end).toBe('complete')
    expect(following.errors).toEqual([])
  })

  it('gets many events at once, large ones and any text whole', async () => {
    const texts = ['', 'é€😀', '"\\\n\r\n--graphql\u2028', 'x'.repeat(70_000), '😀'.repeat(40_000)]
    const stream = play()
    const following = follow({ query: 'subscription { said }' })
    await expect.poll(() => stream.isRead).toBe(true)
    const said = texts.flatMap((text) => Array.from({ length: 20 }, (_, index) => `${text}${index}`))
    stream.push(...said.map((text) => ({ body: JSON.stringify({ data: { said: text } }), cursor: null })))
    await expect.poll(() => following.results.length).toBe(said.length)
    expect(following.results).toEqual(said.map((text) => ({ said: text })))
    stream.end(null)
    await expect.poll(() => following.end).toBe('complete')
  })

  it('is told why a stream ends, and where to go on', async () => {
    const stream = play()
    stream.push(...ticks(2))
    const following = follow()
    await expect.poll(() => following.results).toHaveLength(2)
    stream.end(new CodedError('READER_TOO_SLOW', 'You read too slowly.', { cursor: 'evc_1' }))
    await expect.poll(() => following.errors).toEqual([{ code: 'READER_TOO_SLOW', cursor: 'evc_1' }])
    await expect.poll(() => following.end).not.toBeNull()
    expect(following.results).toEqual(valuesOf(2))
  })

  it('is told that the gateway closes, and the cursor of the last event that it got', async () => {
    const stream = play()
    stream.push(...ticks(3))
    const following = follow()
    await expect.poll(() => following.results).toHaveLength(3)
    await fronts.closeFronts()
    await expect.poll(() => following.errors).toEqual([{ code: 'SERVER_CLOSING', cursor: 'evc_2' }])
    await expect.poll(() => following.end).not.toBeNull()
    expect(stream.closed).toBe(1)
  })

  it('lets go of a stream when it leaves', async () => {
    const stream = play()
    stream.push(tick(0))
    const following = follow()
    await expect.poll(() => following.results).toHaveLength(1)
    following.leave()
    await expect.poll(() => stream.closed).toBe(1)
  })

  it('aborts what is being opened when it leaves, and nothing is kept of it', async () => {
    const stream = new PlayedStream()
    const signals: AbortSignal[] = []
    fronts.run = (_params, _identity, signal) => {
      signals.push(signal)
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(stream), { once: true }))
    }
    const following = follow()
    await expect.poll(() => signals).toHaveLength(1)
    following.leave()
    await expect.poll(() => stream.closed).toBe(1)
    expect(stream.isRead).toBe(false)
  })

  it.each<ErrorCode>(['THROTTLED', 'GRAPHQL_VALIDATION_FAILED', 'COST_LIMIT_EXCEEDED', 'EVENTS_GONE'])(
    'is told by %s why there is no stream',
    async (code) => {
      fronts.run = () => Promise.resolve(refusedAnswer(new CodedError(code, 'No.')))
      const following = follow()
      await expect.poll(() => following.errors).toEqual([{ code }])
      await expect.poll(() => following.end).not.toBeNull()
      expect(following.results).toEqual([])
    },
  )

  it('is told of a fault and nothing of its cause', async () => {
    fronts.run = () => Promise.reject(new Error('a secret of the database'))
    const following = follow()
    await expect.poll(() => following.errors).toEqual([{ code: 'INTERNAL' }])
  })

  it.each(['nobody', 'outage'])('begins nothing for %s', async (key) => {
    let ran = 0
    fronts.run = () => {
      ran += 1
      return Promise.reject(new Error('no operation may come this far'))
    }
    const following = follow({ key })
    await expect.poll(() => following.end).not.toBeNull()
    expect(following.results).toEqual([])
    // A socket is closed with a code instead.
    if (name !== 'graphql-ws') {
      expect(following.errors).toEqual([{ code: key === 'nobody' ? 'UNAUTHENTICATED' : 'INTERNAL' }])
    }
    expect(ran).toBe(0)
  })

  // Apollo Client follows subscriptions only.
  it.skipIf(name === 'Apollo Client')('gets the answer to a query as one result', async () => {
    fronts.run = () => Promise.resolve(answerOf({ answer: 42 }))
    const following = follow({ query: '{ answer }' })
    await expect.poll(() => following.end).toBe('complete')
    expect(following.results).toEqual([{ answer: 42 }])
  })
})

describe('an event stream', () => {
  const headers = { accept: 'text/event-stream', 'x-tributary-app': 'app_test', 'x-tributary-key': 'key' }

  it('is opened by a GET, goes on after Last-Event-ID, and gives each event its cursor as id', async () => {
    const stream = new PlayedStream()
    const asked: unknown[] = []
    fronts.run = (params) => {
      asked.push(params)
      return Promise.resolve(stream)
    }
    stream.push(tick(8))
    const search = new URLSearchParams({ query, variables: '{"a":1}' })
    const response = await fetch(`${fronts.url}/graphql/stream?${search.toString()}`, {
      headers: { ...headers, 'last-event-id': 'evc_7' },
    })
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    await expect.poll(() => stream.sent).toBe(1)
    stream.end(new CodedError('THROTTLED', 'Later.', { cursor: 'evc_8', retryAfter: 1.5 }))
    expect(await response.text()).toBe(
      ':\n\n' +
        'id: evc_8\nevent: next\ndata: {"data":{"ticked":8}}\n\n' +
        'retry: 1500\nevent: next\ndata: {"errors":[{"message":"Later.","extensions":' +
        '{"cursor":"evc_8","retryAfter":1.5,"code":"THROTTLED"}}]}\n\n' +
        'event: complete\ndata:\n\n',
    )
    expect(asked).toMatchObject([{ query, variables: { a: 1 }, after: 'evc_7', changesNothing: true }])
  })

  it('is nothing that another type is accepted for', async () => {
    const response = await fetch(`${fronts.url}/graphql/stream?query=x`, { headers: { ...headers, accept: '*/*' } })
    expect(response.status).toBe(400)
  })
})

const post = (accept: string, text: string) =>
  fetch(`${fronts.url}/graphql`, {
    method: 'POST',
    headers: {
      accept,
      'content-type': 'application/json',
      'x-tributary-app': 'app_test',
      'x-tributary-key': 'key',
    },
    body: JSON.stringify({ query: text }),
  })

describe('parts', () => {
  it('are written as the protocol says, with a heartbeat first and errors beside a payload of null', async () => {
    const stream = new PlayedStream()
    fronts.run = () => Promise.resolve(stream)
    stream.push(tick(1))
    const response = await post('multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json', query)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0')
    await expect.poll(() => stream.sent).toBe(1)
    stream.end(new CodedError('EVENTS_GONE', 'Begin again.', { cursor: 'evc_1' }))
    const part = '\r\ncontent-type: application/json\r\n\r\n'
    expect(await response.text()).toBe(
      `\r\n--graphql${part}{}` +
        `\r\n--graphql${part}{"payload":{"data":{"ticked":1}}}` +
        `\r\n--graphql${part}{"payload":null,"errors":[{"message":"Begin again.",` +
        `"extensions":{"cursor":"evc_1","code":"EVENTS_GONE"}}]}` +
        '\r\n--graphql--\r\n',
    )
  })

  it.each(['multipart/mixed;deferSpec=20220824', 'multipart/mixed', 'multipart/mixed;subscriptionSpec=2.0'])(
    'are nothing for %s',
    async (accept) => {
      expect((await post(accept, query)).status).toBe(406)
    },
  )
})
