import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Caller, createCaller, encodeCaller } from '../../kit/caller.ts'
import { CodedError } from '../../kit/errors.ts'
import { signRequest, signatureHeaders, signatureLifetimeMs, verifyRequest } from '../../kit/signature.ts'

const key = Buffer.alloc(32, 1)
const now = 1_790_000_000_000
const caller = createCaller({
  appId: 'app_1',
  appName: 'Größe & Söhne',
  organizationId: 'org_1',
  environment: 'live',
  planId: 'plan_1',
  scopes: ['b', 'a'],
  operator: false,
  credentialId: 'cred_1',
  endUserId: 'usr_1',
})
const request = { method: 'POST', path: '/graphql', body: '{"query":"{ a }"}' }

const sign = (fields: Partial<Parameters<typeof signRequest>[1]> = {}, signedWith: Uint8Array = key) =>
  signRequest(signedWith, { ...request, caller, now, nonce: 'gateway_1234.7', ...fields })
const verify = (
  headers: Record<string, string | string[]>,
  fields: Partial<typeof request & { now: number; isNew: (nonce: string) => boolean }> = {},
) => verifyRequest(key, { ...request, headers, now, isNew: () => true, ...fields })

function expectRefused(run: () => Caller): void {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError)
    expect((error as CodedError).code).toBe('UNAUTHENTICATED')
    return
  }
  throw new Error('the request was accepted')
}

describe("the gateway's signature", () => {
  it('gives the caller as it was signed, frozen', () => {
    const verified = verify(sign())
    expect(verified).toEqual(caller)
    expect(Object.isFrozen(verified) && Object.isFrozen(verified.scopes)).toBe(true)
  })

  it('is the same over text and over its bytes', () => {
    expect(verify(sign({ body: Buffer.from(request.body) }))).toEqual(caller)
  })

  it.each([
    ['method', { method: 'GET' }],
    ['path', { path: '/graphql/' }],
    ['body', { body: `${request.body} ` }],
  ])('is refused for another %s', (_part, altered) => expectRefused(() => verify(sign(), altered)))

  it('is refused with another key', () => expectRefused(() => verify(sign({}, Buffer.alloc(32, 2)))))

  it('is refused when the caller is exchanged', () => {
    const other = encodeCaller(createCaller({ ...caller, operator: true }))
    expectRefused(() => verify({ ...sign(), [signatureHeaders.caller]: other }))
  })

  it.each(Object.values(signatureHeaders))('is refused without %s, or with two of it', (name) => {
    const { [name]: value = '', ...rest } = sign()
    expectRefused(() => verify(rest))
    expectRefused(() => verify({ ...rest, [name]: [value, value] }))
    expectRefused(() => verify({ ...rest, [name]: '' }))
  })

  it('is good for 30 seconds on either side and no longer', () => {
    for (const offset of [-signatureLifetimeMs, 0, signatureLifetimeMs]) {
      expect(verify(sign(), { now: now + offset })).toEqual(caller)
    }
    for (const offset of [-signatureLifetimeMs - 1, signatureLifetimeMs + 1]) {
      expectRefused(() => verify(sign(), { now: now + offset }))
    }
  })

  it.each(['NaN', 'Infinity', '-1', '1e12', ` ${now}`, `${now}.5`, '0x1', '9'.repeat(400)])(
    'is refused with the time %j',
    (time) => expectRefused(() => verify({ ...sign(), [signatureHeaders.time]: time })),
  )

  it('is refused when any character of any header is altered', () => {
    const headers = sign()
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(signatureHeaders)),
        fc.nat(),
        fc.constantFrom(...'0189azAZ-_=.\n '.split('')),
        (name, at, character) => {
          const text = headers[name] ?? ''
          const place = at % text.length
          const altered = text.slice(0, place) + character + text.slice(place + 1)
          // The last character of base64url may have bits that do not count.
          fc.pre(altered !== text && place < text.length - 1)
          expectRefused(() => verify({ ...headers, [name]: altered }))
        },
      ),
    )
  })

  it('is refused with a nonce that has come before, of which nothing is remembered but by a good signature', () => {
    const asked: string[] = []
    const isNew = (nonce: string): boolean => asked.push(nonce) === 1
    expectRefused(() => verify({ ...sign(), [signatureHeaders.nonce]: 'gateway_1234.8' }, { isNew }))
    expect(asked).toEqual([])
    expect(verify(sign(), { isNew })).toEqual(caller)
    expectRefused(() => verify(sign(), { isNew }))
    expect(asked).toEqual(['gateway_1234.7', 'gateway_1234.7'])
  })

  it('is refused over a caller that is not complete', () => {
    for (const text of ['', 'null', '[]', '{}', '{"appId":"app_1"}', JSON.stringify({ ...caller, admin: true })]) {
      const header = Buffer.from(text).toString('base64url')
      const signed = sign({ caller: JSON.parse(text || '""') as Caller })
      expectRefused(() => verify({ ...signed, [signatureHeaders.caller]: header || 'x' }))
    }
  })
})
