import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { requireOperator } from '../require-operator.ts'

export interface SetPreferredCurrencyInput {
  readonly organizationId: string
  readonly currencyCode?: string | null
}

/** Chooses in which currency an organization is quoted by preference; null goes back to that of its country. */
export async function setPreferredCurrency(
  { caller, models, events }: CatalogContext,
  { organizationId, currencyCode = null }: SetPreferredCurrencyInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  if (currencyCode !== null && !/^[A-Z]{3}$/.test(currencyCode)) {
    throw refuse('INVALID_INPUT', ['input', 'currencyCode'], 'Give an ISO 4217 code such as `EUR`.')
  }
  if (!(await models.organizations.chooseCurrency(session, organizationId, currencyCode))) {
    throw refuse('UNKNOWN_ORGANIZATION', ['input', 'organizationId'], 'There is no such organization.')
  }
  await events.append(session, {
    type: 'preferred_currency.changed',
    subject: organizationId,
    audience: [organizationId],
    data: { currencyCode },
  })
  return organizationId
}
