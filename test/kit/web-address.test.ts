import { expect, it } from 'vitest'
import { isWebAddress } from '../../kit/web-address.ts'
import { checkValue } from '../../subgraphs/partner/extra-fields/value-rules.ts'

it.each(['https://acme.example', 'http://acme.example:8080/a?b=c#d', 'https://[2001:db8::1]/'])('%s is one', (text) => {
  expect(isWebAddress(text)).toBe(true)
})

it.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'ftp://acme.example',
  'https://bank.example@evil.example',
  'https://user:secret@acme.example',
  'acme.example',
  '',
  `https://acme.example/${'x'.repeat(2_000)}`,
])('%s is none', (text) => {
  expect(isWebAddress(text)).toBe(false)
})

it('an extra field takes no address that names a user either', () => {
  const rules = {
    minLength: null,
    maxLength: null,
    minimum: null,
    maximum: null,
    earliest: null,
    latest: null,
    options: [],
  }
  expect(checkValue('URL', rules, 'https://bank.example@evil.example')).toHaveProperty('problem')
})
