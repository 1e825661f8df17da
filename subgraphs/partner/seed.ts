import type { Connection } from 'mongoose'
import { deriveSecret } from '../../kit/secrets.ts'
import { createPartnerModels } from './models.ts'
import { seededApps, seededConsents, seededCredentials } from './seed/apps.ts'
import { seededExtraFields } from './seed/extra-fields.ts'
import { seededCertifications, seededInvitations, seededMembers } from './seed/people.ts'
import { seededOrganizations } from './seed/organizations.ts'
import { seededStandings, seededTiers, seededWonDeals } from './seed/tiers.ts'

interface SeedOptions {
  readonly now: () => Date
  /** The installation's secret: the demo's keys and the hash that is stored of them derive from it. */
  readonly secret: string
}

/** Fills the empty partner collections with the demo's organizations, people, apps and hashed keys. */
export async function seedPartner(connection: Connection, { now: clock, secret }: SeedOptions): Promise<void> {
  const secretFor = (purpose: Parameters<typeof deriveSecret>[1]): Buffer => deriveSecret(secret, purpose)
  const models = createPartnerModels({ connection, now: clock, secretFor })
  const now = clock()
  await models.tiers.model.insertMany(seededTiers)
  await models.extraFields.model.insertMany(seededExtraFields)
  await models.organizations.model.insertMany(seededOrganizations(now))
  await models.members.model.insertMany(seededMembers(now))
  await models.invitations.model.insertMany(seededInvitations(now))
  await models.certifications.model.insertMany(seededCertifications(now))
  await models.wonDeals.model.insertMany(seededWonDeals(now))
  await models.standings.model.insertMany(seededStandings(now))
  await models.apps.model.insertMany(seededApps(now))
  await models.credentials.model.insertMany(seededCredentials(now, secret))
  await models.consents.model.insertMany(seededConsents(now))
}
