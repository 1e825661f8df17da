import type { ClientSession } from 'mongoose'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { requireOperator } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { createInputErrors } from '../input-errors.ts'

export interface SetSalesTerritoryInput {
  readonly code: string
  readonly countries: readonly string[]
}

/** Makes a sales territory of countries, or changes which they are; registrations keep the territory they were given. */
export async function setSalesTerritory(
  context: DealContext,
  { code, countries }: SetSalesTerritoryInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(context, 'sets the sales territories')
  const errors = createInputErrors()
  if (!/^[A-Z][A-Z0-9_-]{0,39}$/.test(code)) {
    errors.add(['code'], 'A code has 1 to 40 capital letters, digits, - and _, a letter first.')
  }
  if (countries.length > 250 || new Set(countries).size < countries.length) {
    errors.add(['countries'], 'A territory has at most 250 countries, each once.')
  }
  if (!countries.every((country) => /^[A-Z]{2}$/.test(country))) {
    errors.add(['countries'], 'A country is its ISO 3166-1 alpha-2 code, such as DE.')
  }
  errors.check()
  const { terms } = context.models
  const taken = (await terms.territoriesOf(session, countries)).find(({ _id }) => _id !== code)
  if (taken) {
    const shared = taken.countries.filter((country) => countries.includes(country)).join(', ')
    const message = `${shared} belongs to ${taken._id}; take it out of there first.`
    throw refuse('COUNTRY_TAKEN', ['input', 'countries'], message)
  }
  try {
    await terms.setTerritory(session, code, countries)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse(
      'COUNTRY_TAKEN',
      ['input', 'countries'],
      'One of these countries was given to another territory just now.',
    )
  }
  await context.events.append(session, { type: 'sales_territory.set', subject: code, audience: [], data: { code } })
  return code
}
