import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findTargetProblem } from '../../kit/egress/check-target.ts'
import { createNetworkRules, parseNetworks } from '../../kit/egress/network-rules.ts'
import { type SafePostOptions, createSafePost } from '../../kit/egress/safe-post.ts'

const publicOnly = createNetworkRules([])
const request = { headers: {}, body: '{}', signal: new AbortController().signal }

describe('a target', () => {
  test.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.0.0.1/',
    'https://0177.0.0.1/',
    'https://017700000001/',
    'https://127.1/',
    'https://127.0.1/',
    'https://0/',
    'https://0.0.0.0/',
    'https://127.255.255.254/',
    'https://①②⑦.⓪.⓪.①/',
    'https://127。0。0。1/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
    'https://0xa9fea9fe/',
    'https://100.100.100.200/',
    'https://168.63.129.16/',
    'https://192.0.0.192/',
    'https://192.0.2.1/',
    'https://198.18.0.1/',
    'https://198.51.100.1/',
    'https://203.0.113.1/',
    'https://192.88.99.1/',
    'https://224.0.0.1/',
    'https://240.0.0.1/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::127.0.0.1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[::ffff:0:127.0.0.1]/',
    'https://[64:ff9b::127.0.0.1]/',
    'https://[64:ff9b:1::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:0:7f00:1::]/',
    'https://[2001:db8::1]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
    'https://[ff02::1]/',
    'https://[100::1]/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://a.localhost/',
    'https://metadata.google.internal/',
    'https://metadata/',
    'https://printer.local/',
    'https://db.corp/',
    'https://kubernetes.default.svc.cluster.local/',
    'https://router.home.arpa/',
    'https://mongo/',
  ])('%s is internal', (url) => {
    expect(findTargetProblem(url, publicOnly)).toBe('ADDRESS_FORBIDDEN')
  })

  test.each([
    ['http://partner.example/', 'NOT_HTTPS'],
    ['ftp://partner.example/', 'NOT_HTTPS'],
    ['file:///etc/passwd', 'NOT_HTTPS'],
    ['gopher://partner.example/', 'NOT_HTTPS'],
    ['javascript:alert(1)', 'NOT_HTTPS'],
    ['https://user:secret@partner.example/', 'HAS_CREDENTIALS'],
    ['https://partner.example@127.0.0.1/', 'HAS_CREDENTIALS'],
    ['https://partner.example:22/', 'PORT_FORBIDDEN'],
    ['https://partner.example:6379/', 'PORT_FORBIDDEN'],
    ['https://93.184.216.34:27017/', 'PORT_FORBIDDEN'],
    ['https://', 'NOT_A_URL'],
    ['partner.example', 'NOT_A_URL'],
    [`https://partner.example/${'a'.repeat(2_000)}`, 'NOT_A_URL'],
    ['https://[fe80::1%25eth0]/', 'NOT_A_URL'],
  ])('%s is refused: %s', (url, problem) => {
    expect(findTargetProblem(url, publicOnly)).toBe(problem)
  })

  test.each([
    'https://partner.example/hooks?a=1',
    'https://partner.example:8443/',
    'https://93.184.216.34/',
    'https://[2606:2800:220:1::1]/',
    'https://internal.partner.example/',
    'https://localhost.partner.example/',
  ])('%s may be called', (url) => {
    expect(findTargetProblem(url, publicOnly)).toBeUndefined()
  })

  test('in a network that is allowed may be called, on any port and without https, and its neighbours not', () => {
    const rules = createNetworkRules(parseNetworks('127.0.0.1/32, 10.1.0.0/16'))
    expect(findTargetProblem('http://127.0.0.1:27017/', rules)).toBeUndefined()
    expect(findTargetProblem('http://10.1.2.3/', rules)).toBeUndefined()
    expect(findTargetProblem('http://[::ffff:10.1.2.3]/', rules)).toBeUndefined()
    expect(findTargetProblem('http://10.2.0.1/', rules)).toBe('ADDRESS_FORBIDDEN')
    expect(findTargetProblem('https://127.0.0.2/', rules)).toBe('ADDRESS_FORBIDDEN')
    expect(() => parseNetworks('10.1.0.0')).toThrow('no network')
  })
})

/** Writes whenever there is room, so that only the reader can end it. */
function drip(response: ServerResponse): void {
  while (response.write('x'.repeat(16_384)));
  response.once('drain', () => drip(response))
}

const client = (options: Partial<SafePostOptions> = {}) =>
  createSafePost({ rules: createNetworkRules(parseNetworks('127.0.0.1/32')), timeoutMs: 5_000, ...options })
const resolveTo = (...answers: readonly string[]): NonNullable<SafePostOptions['resolve']> =>
  // The overloads of node's own cannot be written down here.
  ((_: string, __: object, callback: (error: null, found: object[]) => void) => {
    callback(
      null,
      answers.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }) as never

describe('a call', () => {
  const hits: string[] = []
  const server = createServer((incoming, response) => {
    hits.push(incoming.url ?? '')
    if (incoming.url === '/moved') response.writeHead(302, { location: `http://127.0.0.1:${port}/secret` })
    else if (incoming.url === '/endless') return drip(response)
    else if (incoming.url === '/silent') return undefined
    else if (incoming.url === '/later') response.writeHead(503, { 'retry-after': '120' })
    return response.end('a'.repeat(5_000))
  })
  let port = 0
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    ;({ port } = server.address() as AddressInfo)
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  test('goes to an allowed network and tells status, the wish to wait and the beginning of the answer', async () => {
    const { post, close } = client()
    const answer = await post(`http://127.0.0.1:${port}/later`, request)
    expect(answer).toEqual({ status: 503, retryAfter: '120', body: 'a'.repeat(1_024) })
    await close()
  })

  test('does not follow a redirect', async () => {
    const { post, close } = client()
    expect((await post(`http://127.0.0.1:${port}/moved`, request)).status).toBe(302)
    expect(hits).not.toContain('/secret')
    await close()
  })

  test('does not read an answer that has no end', async () => {
    const { post, close } = client()
    expect((await post(`http://127.0.0.1:${port}/endless`, request)).body).toHaveLength(1_024)
    await close()
  })

  test('ends after its time', async () => {
    const { post, close } = client({ timeoutMs: 200 })
    await expect(post(`http://127.0.0.1:${port}/silent`, request)).rejects.toThrow(/timeout/i)
    await close()
  })

  test.each([
    ['an internal address', ['10.0.0.7']],
    ['a public address and an internal one', ['93.184.216.34', '127.0.0.1']],
    ['an internal address in the clothes of IPv6', ['::ffff:169.254.169.254']],
  ])('is not made to a public name with %s', async (_, addresses) => {
    const { post, close } = client({ rules: publicOnly, resolve: resolveTo(...addresses) })
    await expect(post('https://rebound.partner.example/', request)).rejects.toMatchObject({
      problem: 'ADDRESS_FORBIDDEN',
    })
    await close()
  })

  test('is broken off when the peer is not who the lookup had found', async () => {
    const before = hits.length
    // What is allowed at the lookup is forbidden once it is connected.
    let asked = 0
    const rules = createNetworkRules(parseNetworks('127.0.0.1/32'))
    const turning = {
      ...rules,
      isAllowed: (address: string) => {
        asked += 1
        return asked <= 2 && rules.isAllowed(address)
      },
      mayCall: () => false,
    }
    const { post, close } = client({ rules: turning })
    await expect(post(`http://127.0.0.1:${port}/rebound`, request)).rejects.toMatchObject({
      problem: 'ADDRESS_FORBIDDEN',
    })
    expect(hits).toHaveLength(before)
    await close()
  })

  test('to a name that lies in an allowed network is made, and plain http to others is not', async () => {
    const inside = client({ resolve: resolveTo('127.0.0.1') })
    expect((await inside.post(`http://hooks.partner.example:${port}/`, request)).status).toBe(200)
    await inside.close()
    const outside = client({ resolve: resolveTo('93.184.216.34') })
    await expect(outside.post(`http://hooks.partner.example:${port}/`, request)).rejects.toMatchObject({
      problem: 'NOT_HTTPS',
    })
    await outside.close()
  })
})
