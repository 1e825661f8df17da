import { seededId } from '../../kit/ids.ts'
import { demoEntitlements } from '../demo-world/entitlements.ts'
import { demoOrganizations } from '../demo-world/organizations.ts'
import type { CatalogModels } from './catalog-models.ts'
import { goodsKey, granteeKey } from './entitlements/entitlement.ts'

const asTheyAre = { lean: true } as const

/** Writes the catalog's copy of the demo's organizations, and who of them may do what with which goods. */
export async function seedEntitlements({ organizations, entitlements, now }: CatalogModels): Promise<void> {
  await organizations.model.insertMany(
    demoOrganizations.map(({ id, name, status, tier, territories, country }) => ({
      _id: id,
      name,
      status,
      tierId: tier === null ? null : seededId('PartnerTier', tier),
      territories: [...territories],
      country,
      chosenCurrency: null,
      asOf: now(),
    })),
    asTheyAre,
  )
  const createdAt = new Date(now().getTime() - 320 * 24 * 60 * 60 * 1000)
  await entitlements.model.insertMany(
    demoEntitlements.map(({ tier, organizationId, territory, action, productId, family }) => {
      const to = { organizationId, tierId: tier === null ? null : seededId('PartnerTier', tier), territory }
      const [grantee, goods] = [granteeKey(to), goodsKey({ productId, family })]
      return {
        _id: seededId('Entitlement', `${grantee}:${goods}:${action}`),
        ...to,
        productId,
        family,
        action,
        grantee,
        goods,
        state: 'GRANTED' as const,
        createdAt,
        revokedAt: null,
        version: 1,
      }
    }),
    asTheyAre,
  )
}
