import { CodedError } from '../../../kit/errors.ts'
import { matchingWords } from '../../../storage/search.ts'
import type { DealState } from './deal-state.ts'

/** Which registrations a list shows, as its arguments say; what is left out does not narrow. */
export interface DealListFilter {
  readonly state?: DealState | null
  readonly organizationId?: string | null
  readonly family?: string | null
  readonly territory?: string | null
  readonly createdFrom?: Date | null
  readonly createdBefore?: Date | null
  readonly search?: string | null
}

/** The condition of a filter. Tenancy is not part of it: the model adds that. */
export function dealConditions(filter: DealListFilter): Readonly<Record<string, unknown>> {
  const { createdFrom, createdBefore, search } = filter
  if (createdFrom && createdBefore && createdFrom >= createdBefore) {
    throw new CodedError('BAD_USER_INPUT', '`createdFrom` must be before `createdBefore`.', { argument: 'createdFrom' })
  }
  return {
    ...(filter.state ? { state: filter.state } : {}),
    ...(filter.family ? { family: filter.family } : {}),
    ...(filter.territory ? { territory: filter.territory } : {}),
    ...(createdFrom || createdBefore
      ? {
          createdAt: {
            ...(createdFrom ? { $gte: createdFrom } : {}),
            ...(createdBefore ? { $lt: createdBefore } : {}),
          },
        }
      : {}),
    ...(typeof search === 'string' ? matchingWords('searchWords', search) : {}),
  }
}
