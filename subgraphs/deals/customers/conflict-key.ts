import { plainCompanyName, plainWords } from './company-name.ts'
import type { DealCustomer } from './customer.ts'
import { registrableDomain } from './plain-domain.ts'

/**
 * What two registrations must not share: customer x product family x territory. The customer is known by its
 * registrable domain, else by its tax number, else by name and country.
 */
export function conflictKey(deal: {
  readonly customer: DealCustomer
  readonly family: string
  readonly territory: string
}): string {
  return JSON.stringify([identityOf(deal.customer), deal.family, deal.territory])
}

/** The identity that decides about a customer, the strongest that is known of it. */
export function identityOf(customer: DealCustomer): string {
  return identitiesOf(customer)[0] as string
}

/** Every identity that is known of a customer, the strongest first; there is always one. */
export function identitiesOf({ name, domain, taxId, country }: DealCustomer): string[] {
  return [
    ...(domain ? [JSON.stringify(['domain', registrableDomain(domain) ?? domain])] : []),
    ...(taxId ? [JSON.stringify(['tax', country, plainTaxId(taxId, country)])] : []),
    JSON.stringify(['name', country, plainCompanyName(name)]),
  ]
}

/** Letters and digits alone and without the country in front, so that `DE 811.234.567` is `811234567` in Germany. */
export function plainTaxId(taxId: string, country: string): string {
  const plain = plainWords(taxId).join('')
  // Greece alone has another prefix in its VAT numbers than its country code.
  const prefix = country === 'GR' ? 'el' : country.toLowerCase()
  return plain.length > prefix.length && plain.startsWith(prefix) ? plain.slice(prefix.length) : plain
}
