import type { InputErrors } from '../input-errors.ts'
import { plainCompanyName } from './company-name.ts'
import { plainTaxId } from './conflict-key.ts'
import type { DealCustomer } from './customer.ts'
import { plainDomain } from './plain-domain.ts'

export interface CustomerInput {
  readonly name: string
  readonly domain?: string | null
  readonly taxId?: string | null
  readonly country: string
}

const longest = { name: 200, taxId: 40 } as const

/** A customer in its stored form; what is wrong with it is added to the errors. */
export function checkCustomer(input: CustomerInput, errors: InputErrors): DealCustomer {
  const name = input.name.trim()
  if (name.length > longest.name || plainCompanyName(name) === '') {
    errors.add(
      ['customer', 'name'],
      `A customer's name has 1 to ${longest.name} characters, letters or digits among them.`,
    )
  }
  const domain = input.domain ? plainDomain(input.domain) : null
  if (input.domain && domain === null) {
    errors.add(['customer', 'domain'], 'This is no domain name, such as acme.example.')
  }
  const country = input.country
  const taxId = input.taxId?.trim() || null
  if (taxId !== null && (taxId.length > longest.taxId || plainTaxId(taxId, country) === '')) {
    errors.add(
      ['customer', 'taxId'],
      `A tax number has 1 to ${longest.taxId} characters, letters or digits among them.`,
    )
  }
  if (!/^[A-Z]{2}$/.test(country)) {
    errors.add(['customer', 'country'], 'A country is its ISO 3166-1 alpha-2 code, such as DE.')
  }
  return { name, domain, taxId, country }
}
