import { expect, it } from 'vitest'
import { createHttpServer } from '../../gateway/http/http-server.ts'
import { serveHandIns } from '../../gateway/http/hand-in-route.ts'
import { createLogger } from '../../kit/log.ts'
import { hmacSha256 } from '../../kit/hmac.ts'
import { hash } from 'node:crypto'

const key = Buffer.alloc(32, 1)

it('Bytes that are no UTF-8 are not made into a text that nobody has signed', async () => {
  const app = createHttpServer({ log: createLogger('test', 'error') })
  const bodies: string[] = []
  serveHandIns(app, {
    keyOf: () => key,
    admit: () => Promise.resolve(),
    record({ body }) {
      bodies.push(body)
      return Promise.resolve({ recorded: 1, repeated: 0, faults: [] })
    },
    now: () => new Date(1_000),
  })
  for (const body of [Buffer.from('{"name":"é"}'), Buffer.from('{"name":"é"}', 'latin1')]) {
    const signed = `1000\nn\nPOST\n/events\n${hash('sha256', body, 'base64url')}\nloyalty`
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/events',
      headers: {
        'content-type': 'application/json',
        'x-tributary-subgraph': 'loyalty',
        'x-tributary-time': '1000',
        'x-tributary-nonce': 'n',
        'x-tributary-signature': hmacSha256(key, signed, 'base64url'),
      },
      body,
    })
    expect(statusCode).toBe(200)
  }
  expect(bodies).toEqual(['{"name":"é"}', ''])
  const text = await app.inject({
    method: 'POST',
    url: '/events',
    headers: { 'content-type': 'text/plain' },
    body: '{}',
  })
  expect(text.statusCode).toBe(415)
  await app.close()
})
