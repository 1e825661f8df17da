import { isWebAddress } from '../../../kit/web-address.ts'
import { searchWords } from '../../../storage/search.ts'
import type { InputErrors } from '../input.ts'
import type { OrganizationType } from './organization-status.ts'

const most = { name: 200, website: 500, territories: 50, externalId: 100 } as const

/** What describes an organization, as an input gives it. */
export interface ProfileInput {
  readonly name?: string | null
  readonly type?: OrganizationType | null
  readonly website?: string | null
  readonly country?: string | null
  readonly territories?: readonly string[] | null
  readonly externalId?: string | null
}

/** The checked parts of a profile that were given. */
export interface Profile {
  name?: string
  type?: OrganizationType
  website?: string
  country?: string
  territories?: string[]
  externalId?: string
}

/** Checks what is given of a profile and notes what is wrong; what is left out or null is not looked at. */
export function checkProfile(input: ProfileInput, errors: InputErrors): Profile {
  const profile: Profile = {}
  if (input.name != null) profile.name = errors.text(['name'], input.name, most.name)
  if (input.type != null) profile.type = input.type
  if (input.website != null) {
    const website = input.website.trim()
    if (!isWebAddress(website, most.website)) errors.add(['website'], 'A website is an http or https address.')
    profile.website = website
  }
  if (input.country != null) {
    if (!/^[A-Z]{2}$/.test(input.country)) {
      errors.add(['country'], 'A country is its ISO 3166-1 alpha-2 code, such as DE.')
    }
    profile.country = input.country
  }
  if (input.territories != null) profile.territories = checkTerritories(input.territories, errors)
  if (input.externalId != null) profile.externalId = errors.text(['externalId'], input.externalId, most.externalId)
  return profile
}

/** The territories, each once. */
export function checkTerritories(territories: readonly string[], errors: InputErrors): string[] {
  const distinct = [...new Set(territories)]
  if (distinct.length > most.territories) errors.add(['territories'], `There are at most ${most.territories}.`)
  if (!distinct.every((code) => /^[A-Z][A-Z0-9_-]{1,19}$/.test(code))) {
    errors.add(['territories'], 'A territory is a code of 2 to 20 capital letters and digits, such as DACH.')
  }
  return distinct
}

/** The words by which an organization is found. */
export function organizationWords(organization: {
  readonly name: string
  readonly website: string
  readonly externalId?: string | undefined
}): string[] {
  const host = URL.canParse(organization.website) ? new URL(organization.website).hostname : ''
  return searchWords(organization.name, organization.externalId, host.replace(/^www\./, ''))
}
