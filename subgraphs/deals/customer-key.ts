/** An end customer as a registration names it; `domain` is in its plain form, see `plainDomain`. */
export interface DealCustomer {
  readonly name: string
  readonly domain: string | null
  readonly taxId: string | null
  readonly country: string
}

/**
 * What two registrations must not share: customer x product family x territory. The customer is known by its domain,
 * else by its tax number, else by name and country.
 */
export function conflictKey(deal: {
  readonly customer: DealCustomer
  readonly family: string
  readonly territory: string
}): string {
  const { name, domain, taxId, country } = deal.customer
  const identity = domain
    ? ['domain', domain]
    : taxId
      ? ['tax', country, letters(taxId)]
      : ['name', country, letters(name)]
  return JSON.stringify([...identity, deal.family, deal.territory])
}

/**
 * The host of a domain or web address in lower case and ASCII, without `www.`: `https://www.Bücher.example/shop` is
 * `xn--bcher-kva.example`. Null when it is no domain name.
 */
export function plainDomain(text: string): string | null {
  const trimmed = text.trim()
  const address = /^https?:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  if (address.length > 2_000 || !URL.canParse(address)) return null
  const host = new URL(address).hostname.replace(/\.$/, '').replace(/^www\./, '')
  return host.length <= 253 && domainName.test(host) ? host : null
}

/** Labels of RFC 1035 with at least one dot; the last one begins with a letter, so that an IP address is none. */
const domainName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Letters and digits alone, without case and accents, so that `Müller & Söhne` is `mullersohne`. */
function letters(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
}
