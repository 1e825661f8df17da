import { tierScopes } from '../../../schema/scopes.ts'
import type { PartnerContext } from '../partner-context.ts'

interface Placed {
  readonly operator: boolean
  readonly tierId: string | null
}

/** The scopes that apps acting for an organization have besides those that were granted to them: by its tier. */
export async function scopesOfTier(
  { loaders }: Pick<PartnerContext, 'loaders'>,
  { operator, tierId }: Placed,
): Promise<readonly string[]> {
  if (operator) return Object.keys(tierScopes)
  return tierId === null ? [] : ((await loaders.tiers.load(tierId))?.grants ?? [])
}
