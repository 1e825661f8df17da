import type { Caller } from '../../kit/caller.ts'
import { createLoader } from '../../kit/loader.ts'
import type { DealModels } from './models.ts'

export type DealLoaders = ReturnType<typeof createDealLoaders>

/** Per-request reads that see what the caller may see. */
export function createDealLoaders({ deals }: DealModels, caller: Caller) {
  return {
    deal: createLoader(
      (ids: readonly string[]) => deals.byIds(caller, ids),
      ({ _id }) => _id,
    ),
    dealsOfOrganization: deals.ofOrganizations(caller),
  }
}
