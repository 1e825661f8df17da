import { once } from 'node:events'
import { type RequestListener, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { openLoad } from '../../bench/measure/load.ts'

async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const request = (url: string) => ({ url, headers: { 'content-type': 'application/json' }, body: '{"query":"{ x }"}' })

it('asks as often as told with as many requests under way, and takes growing usage for the same answer', async () => {
  let calls = 0
  const held: ServerResponse[] = []
  await using server = await serve((_request, response) => {
    calls++
    held.push(response)
    // All but the first are held back until four are under way together; the last one has nobody to wait for.
    const wanted = calls === 1 ? 1 : Math.min(4, held.length + 22 - calls)
    if (held.length < wanted) return
    for (const each of held.splice(0)) each.end(JSON.stringify({ data: { x: 1, usage: { calls } } }))
  })
  await using load = await openLoad(request(server.url), (data) => expect(data).toMatchObject({ x: 1 }))
  const { answers, seconds } = await load.run(4, { answers: 21 })
  expect(answers).toBe(21)
  expect(seconds).toBeGreaterThan(0)
  expect(calls).toBe(22)
})

it('fails at an answer with errors, and at one that differs from the first', async () => {
  const answers = [{ data: { x: 1 } }, { data: { x: 2 } }, { data: { x: null }, errors: [{ message: 'THROTTLED' }] }]
  await using server = await serve((_request, response) => response.end(JSON.stringify(answers.shift())))
  await using load = await openLoad(request(server.url), () => undefined)
  await expect(load.run(1, { answers: 1 })).rejects.toThrow('differs')
  await expect(load.run(1, { answers: 1 })).rejects.toThrow('THROTTLED')
})
