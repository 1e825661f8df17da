import { getDomain } from 'tldts'

/**
 * The host of a domain or web address in lower case and ASCII, without `www.`: `https://www.Bücher.example/shop` is
 * `xn--bcher-kva.example`. Null when it is no domain name that somebody can have registered.
 */
export function plainDomain(text: string): string | null {
  const trimmed = text.trim()
  const address = /^https?:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  if (address.length > 2_000 || !URL.canParse(address)) return null
  const host = new URL(address).hostname.replace(/\.$/, '').replace(/^www\./, '')
  return host.length <= 253 && domainName.test(host) && registrableDomain(host) !== null ? host : null
}

/**
 * The part of a host that its owner has registered, by the public suffix list: of `shop.acme.co.uk` it is
 * `acme.co.uk`. Hosts of one provider's customers, such as `acme.github.io`, stay apart. Null for a public suffix.
 */
export function registrableDomain(host: string): string | null {
  return getDomain(host, { allowPrivateDomains: true })
}

/** Labels of RFC 1035 with at least one dot; the last one begins with a letter, so that an IP address is none. */
const domainName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/
