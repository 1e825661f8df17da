import { demoOrganization } from './organizations.ts'
import { demoProducts } from './products.ts'

/** Who of the demo may do what with which goods; exactly one grantee and one of product and family. */
export interface DemoEntitlement {
  readonly tier: 'registered' | 'silver' | 'gold' | null
  readonly organizationId: string | null
  readonly territory: string | null
  readonly action: 'VIEW' | 'SELL' | 'REGISTER'
  readonly productId: string | null
  readonly family: string | null
}

const families = [...new Set(demoProducts.map(({ family }) => family))]
const nobody = { tier: null, organizationId: null, territory: null } as const
const nothing = { productId: null, family: null } as const

const firstServer = demoProducts.find(({ family }) => family === 'Servers')?.id ?? null

/** What only partners sell who have shown that they can install it. */
const soldFromSilverOn: readonly string[] = ['Servers', 'Storage']

/**
 * Every tier views and registers every family. Servers and storage are sold from silver on, but one server by everybody
 * in the Nordics and storage by one registered partner.
 */
export const demoEntitlements: readonly DemoEntitlement[] = [
  ...(['registered', 'silver', 'gold'] as const).flatMap((tier) =>
    families.flatMap((family) =>
      (['VIEW', 'SELL', 'REGISTER'] as const)
        .filter((action) => action !== 'SELL' || tier !== 'registered' || !soldFromSilverOn.includes(family))
        .map((action): DemoEntitlement => ({ ...nobody, ...nothing, tier, action, family })),
    ),
  ),
  { ...nobody, ...nothing, territory: 'NORDICS', action: 'SELL', productId: firstServer },
  { ...nobody, ...nothing, organizationId: demoOrganization('bohemia').id, action: 'SELL', family: 'Storage' },
]
