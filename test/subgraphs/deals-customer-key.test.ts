import { describe, expect, it } from 'vitest'
import { conflictKey } from '../../subgraphs/deals/customers/conflict-key.ts'
import type { DealCustomer } from '../../subgraphs/deals/customers/customer.ts'
import { plainDomain } from '../../subgraphs/deals/customers/plain-domain.ts'

describe('the plain domain of a customer', () => {
  it.each([
    ['acme.example', 'acme.example'],
    ['  ACME.example ', 'acme.example'],
    ['https://www.acme.example/about?x=1', 'acme.example'],
    ['http://acme.example:8080', 'acme.example'],
    ['acme.example.', 'acme.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['shop.acme.example', 'shop.acme.example'],
  ])('takes %j as %s', (text, domain) => {
    expect(plainDomain(text)).toBe(domain)
  })

  it.each(['', 'acme', '127.0.0.1', '0x7f.1', '[::1]', 'a b.example', '-acme.example', 'x'.repeat(64) + '.example'])(
    'takes %j as no domain',
    (text) => {
      expect(plainDomain(text)).toBeNull()
    },
  )
})

describe('the conflict key of a registration', () => {
  const customer: DealCustomer = { name: 'Müller & Söhne', domain: null, taxId: null, country: 'DE' }
  const key = (changes: Partial<DealCustomer>, territory = 'DACH') =>
    conflictKey({ customer: { ...customer, ...changes }, family: 'Servers', territory })

  it('is the domain, whatever the name is', () => {
    expect(key({ domain: 'mueller.example', name: 'Mueller' })).toBe(key({ domain: 'mueller.example' }))
  })

  it('is the tax number where there is no domain, however it is written', () => {
    expect(key({ taxId: 'DE 811.234.567', name: 'Other' })).toBe(key({ taxId: 'de811234567' }))
  })

  it('is name and country where there is neither, without case, accents and signs', () => {
    expect(key({ name: 'MULLER SOHNE' })).toBe(key({}))
    expect(key({ country: 'AT' })).not.toBe(key({}))
  })

  it('differs between territories, and cannot be forged by a name that looks like another key', () => {
    expect(key({}, 'UKI')).not.toBe(key({}))
    expect(key({ name: 'x","Servers","DACH' })).not.toBe(key({ name: 'x' }))
  })
})
