const countriesByCurrency: Readonly<Record<string, string>> = {
  EUR: 'AD AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MC ME MT NL PT SI SK SM VA XK',
  GBP: 'GB GG IM JE',
  CHF: 'CH LI',
  SEK: 'SE',
  DKK: 'DK FO GL',
  NOK: 'NO SJ',
  ISK: 'IS',
  PLN: 'PL',
  CZK: 'CZ',
  HUF: 'HU',
  RON: 'RO',
  RSD: 'RS',
  UAH: 'UA',
  TRY: 'TR',
  USD: 'US PR EC SV PA',
  CAD: 'CA',
  MXN: 'MX',
  BRL: 'BR',
  AUD: 'AU',
  NZD: 'NZ',
  JPY: 'JP',
  CNY: 'CN',
  HKD: 'HK',
  KRW: 'KR',
  INR: 'IN',
  SGD: 'SG',
  ILS: 'IL',
  AED: 'AE',
  SAR: 'SA',
  ZAR: 'ZA',
}

const currencyByCountry = new Map(
  Object.entries(countriesByCurrency).flatMap(([currency, countries]) =>
    countries.split(' ').map((country) => [country, currency] as const),
  ),
)

/** The currency of a country by its ISO 3166-1 alpha-2 code; null where this list has none, which prefers no list. */
export function currencyOf(country: string): string | null {
  return currencyByCountry.get(country) ?? null
}
