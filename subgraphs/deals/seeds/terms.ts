import { seededId } from '../../../kit/ids.ts'
import { searchWords } from '../../../storage/search.ts'
import { demoEntitlements } from '../../demo-world/entitlements.ts'
import { demoOrganizations } from '../../demo-world/organizations.ts'
import { demoProducts, demoSkus } from '../../demo-world/products.ts'
import { demoTerritories } from '../../demo-world/territories.ts'
import { identitiesOf } from '../customers/conflict-key.ts'
import type { DealModels } from '../models.ts'
import type { ReservationKind } from '../reserved-customers/reserved-customers.ts'

/** Least values of a deal, in minor units. */
const minimumValues = [
  { minorUnits: 1_000_000, currencyCode: 'EUR' },
  { minorUnits: 900_000, currencyCode: 'GBP' },
  { minorUnits: 1_000_000, currencyCode: 'CHF' },
  { minorUnits: 1_100_000, currencyCode: 'USD' },
] as const

const reserved: readonly (readonly [kind: ReservationKind, name: string, domain: string, country: string])[] = [
  ['NAMED_ACCOUNT', 'Bundesverkehrsamt', 'bundesverkehrsamt.example', 'DE'],
  ['NAMED_ACCOUNT', 'Royal Mersey Hospitals', 'royal-mersey.example', 'GB'],
  ['DIRECT_OPPORTUNITY', 'Oberland Versicherung', 'oberland-versicherung.example', 'CH'],
]

/** Writes under which terms deals are registered, and the copies of what other subgraphs own. */
export async function seedTerms(models: DealModels, now: Date): Promise<void> {
  await models.terms.insert({
    programs: [...new Set(demoProducts.map(({ family }) => family))].map((family) => ({
      _id: family,
      minimumValues,
      version: 1,
    })),
    territories: demoTerritories.map(({ code, countries }) => ({ _id: code, countries, version: 1 })),
  })
  await models.knownProducts.insert({
    products: demoProducts.map(({ id, family, status }) => ({ _id: id, family, status })),
    skus: demoSkus.map(({ id, productId }) => ({ _id: id, productId })),
  })
  await models.knownPartners.insert({ organizations: demoOrganizations.map(knownOrganization), grants })
  await models.reservedCustomers.insert(
    reserved.map(([kind, name, domain, country]) => {
      const customer = { name, domain, taxId: null, country }
      return {
        _id: seededId('ReservedCustomer', domain),
        kind,
        customer,
        identities: identitiesOf(customer),
        family: null,
        note: null,
        active: true,
        searchWords: searchWords(name, domain),
        version: 1,
        createdAt: now,
        updatedAt: now,
      }
    }),
  )
}

function knownOrganization({ id, name, type, status, tier, territories }: (typeof demoOrganizations)[number]) {
  return { _id: id, name, type, status, tierId: tierId(tier), territories }
}

function tierId(tier: string | null): string | null {
  return tier === null ? null : seededId('PartnerTier', tier)
}

/** Under the ids that the catalog gives them, so that revoking one there is understood here. */
const grants = demoEntitlements
  .filter(({ action }) => action === 'REGISTER')
  .map(({ tier, organizationId, territory, productId, family }) => {
    const grantee = organizationId
      ? `organization:${organizationId}`
      : tier
        ? `tier:${tierId(tier)}`
        : `territory:${territory}`
    const goods = productId ? `product:${productId}` : `family:${family}`
    const _id = seededId('Entitlement', `${grantee}:${goods}:REGISTER`)
    return { _id, organizationId, tierId: tierId(tier), territory, productId, family }
  })
