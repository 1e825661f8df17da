import * as fc from 'fast-check'
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
    ['ＡＣＭＥ．example', 'acme.example'],
  ])('takes %j as %s', (text, domain) => {
    expect(plainDomain(text)).toBe(domain)
  })

  it.each([
    '',
    'acme',
    '127.0.0.1',
    '0x7f.1',
    '[::1]',
    'a b.example',
    '-acme.example',
    'x'.repeat(64) + '.example',
    'co.uk',
    'github.io',
  ])('takes %j as no domain', (text) => {
    expect(plainDomain(text)).toBeNull()
  })
})

describe('the conflict key of a registration', () => {
  const customer: DealCustomer = { name: 'Müller & Söhne', domain: null, taxId: null, country: 'DE' }
  const key = (changes: Partial<DealCustomer>, territory = 'DACH') =>
    conflictKey({ customer: { ...customer, ...changes }, family: 'Servers', territory })

  it.each([
    ['a host below it', 'shop.acme.co.uk', 'acme.co.uk'],
    ['a host far below it', 'a.b.c.acme.de', 'acme.de'],
    ['its other alphabet', 'xn--bcher-kva.example', plainDomain('BÜCHER.example')],
  ])('is the registrable domain, for %s too', (_what, host, domain) => {
    expect(key({ domain: host })).toBe(key({ domain }))
  })

  it.each([
    ['of one public suffix', 'acme.co.uk', 'other.co.uk'],
    ['who are customers of one provider', 'acme.github.io', 'other.github.io'],
    ['in two countries', 'acme.de', 'acme.at'],
  ])('tells those apart %s', (_what, a, b) => {
    expect(key({ domain: a })).not.toBe(key({ domain: b }))
  })

  it.each([
    ['Müller & Söhne GmbH & Co. KG', 'MULLER UND SÖHNE'],
    ['Société Générale S.A.', 'Societe  Generale'],
    ['Øresund Netværk A/S', 'Oresund Netvaerk'],
    ['Łódź Meble Sp. z o.o.', 'lodz meble'],
    ['Acme, Inc.', 'ACME Incorporated'],
    ['Fabbrica S.p.A.', 'FABBRICA spa'],
    ['Weiß & Weiß oHG', 'WEISS WEISS'],
    ['ＡＢＣ Ｈａｎｄｅｌ', 'abc handel'],
    ["L'Oréal", 'LOREAL'],
    ['株式会社 東京', '株式会社東京'],
  ])('takes %s and %s for one name', (a, b) => {
    expect(key({ name: a })).toBe(key({ name: b }))
  })

  it.each([
    ['AG', 'GmbH'],
    ['Holding Nord', 'Holding Süd'],
    ['Acme Trading', 'Acme'],
    ['Und', 'And'],
  ])('takes %s and %s for two names', (a, b) => {
    expect(key({ name: a })).not.toBe(key({ name: b }))
  })

  it.each([
    ['GR', 'EL123456789', '123456789'],
    ['AT', 'ATU 1234.5678', 'u12345678'],
    ['GB', 'GB 123 4567 89', '123456789'],
  ])('takes a tax number of %s with and without its country', (country, a, b) => {
    expect(key({ country, taxId: a })).toBe(key({ country, taxId: b }))
  })

  it('does not change when a name is written with other signs, spaces and case', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-zäöüéß]{3,12}( [a-zäöüéß]{3,12}){0,3}$/),
        fc.constantFrom('', ' GmbH', ', Ltd.', ' S.A.'),
        (name, form) => {
          const written = `  ${name.toUpperCase().replaceAll(' ', ' - ')}${form} `
          expect(key({ name: written })).toBe(key({ name }))
        },
      ),
    )
  })

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
