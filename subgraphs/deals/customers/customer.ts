/** An end customer as a registration names it; `domain` is in its plain form, see `plainDomain`. */
export interface DealCustomer {
  readonly name: string
  readonly domain: string | null
  readonly taxId: string | null
  readonly country: string
}
