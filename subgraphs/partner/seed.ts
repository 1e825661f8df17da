import type { Connection } from 'mongoose'
import { appKeyPrefix, hashAppKey } from '../../kit/app-key.ts'
import { seededId } from '../../kit/ids.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { type DemoApp, demoApps, demoAppKey } from '../demo-world/apps.ts'
import { daysBefore, pickFrom, wholeBetween } from '../demo-world/deterministic.ts'
import { type DemoOrganization, demoOrganization, demoOrganizations } from '../demo-world/organizations.ts'
import type { AppCredential } from './models/credentials.ts'
import type { Member } from './models/members.ts'
import { createPartnerModels } from './models/partner-models.ts'

interface SeedOptions {
  readonly now: () => Date
  /** The installation's secret: the demo's keys and the hash that is stored of them derive from it. */
  readonly secret: string
}

const tiers = [
  { name: 'Registered', benefits: ['List prices', 'Access to the sandbox', 'Community support'] },
  {
    name: 'Silver',
    benefits: ['Silver price list', 'Deal registration', 'Support on working days', '3 % commission on won deals'],
  },
  {
    name: 'Gold',
    benefits: [
      'Gold price list',
      'Deal registration with 90 days of protection',
      'Named partner manager',
      'Support at all hours',
      '4 % commission on won deals',
    ],
  },
]

const givenNames =
  'Anna Mats Ingrid Jonas Claire Luca Sofia Henrik Marta Pieter Eva Tomás Aoife Kwame Yusuf Nora Stefan Giulia Ola Zuzana Bram Inês Lars Petra'
const familyNames =
  'Berg Novak Lindqvist Moreau Rossi Fischer Kowalska Jansen Murphy Almeida Huber Virtanen Larsen Okafor Demir Keller Dubois Horvath Nilsen Peeters Svoboda Conti Marin Hughes'
const roles = ['ADMIN', 'DEVELOPER', 'SALES', 'FINANCE', 'SALES'] as const

/** Fills the empty partner collections with the demo's organizations, people, apps and hashed keys. */
export async function seedPartner(connection: Connection, options: SeedOptions): Promise<void> {
  const { secret } = options
  const models = createPartnerModels({ connection, now: options.now })
  const now = options.now()
  await models.tiers.model.insertMany(
    tiers.map((tier, index) => ({ _id: seededId('PartnerTier', tier.name.toLowerCase()), level: index + 1, ...tier })),
  )
  await models.organizations.model.insertMany(
    demoOrganizations.map(({ id, slug, tier, joinedDaysAgo, ...rest }) => ({
      ...rest,
      _id: id,
      tierId: tier === null ? null : seededId('PartnerTier', tier),
      territories: [...rest.territories],
      createdAt: daysBefore(now, joinedDaysAgo, `joined:${slug}`),
      version: 1,
    })),
  )
  await models.members.model.insertMany(demoOrganizations.flatMap(membersOf))
  await models.apps.model.insertMany(
    demoApps.map(({ id, slug, name, organization, scopes }) => ({
      _id: id,
      organizationId: demoOrganization(organization).id,
      name,
      environment: 'SANDBOX' as const,
      status: 'ACTIVE' as const,
      scopes: [...scopes].toSorted(),
      createdAt: daysBefore(now, wholeBetween(`app:${slug}`, 30, 90), slug),
    })),
  )
  await models.credentials.model.insertMany(demoApps.flatMap((app) => credentialsOf(app, now, secret)))
}

function membersOf({ id, slug }: DemoOrganization): Member[] {
  const count = wholeBetween(`members:${slug}`, 2, 5)
  return Array.from({ length: count }, (_, index): Member => {
    const key = `${slug}:${index}`
    const given = pickFrom(`given:${key}`, givenNames.split(' '))
    const family = pickFrom(`family:${key}`, familyNames.split(' '))
    const mailbox = `${given}.${family}`.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
    return {
      _id: seededId('Member', key),
      organizationId: id,
      name: `${given} ${family}`,
      // Numbered from the second on, so that two people of one name keep apart.
      email: `${mailbox}${index === 0 ? '' : index + 1}@${slug}.example`,
      role: roles[index] ?? 'SALES',
    }
  })
}

/** The key that is in use, after one that has expired and one that was revoked: what rotation leaves behind. */
function credentialsOf({ id: appId, slug, organization }: DemoApp, now: Date, secret: string): AppCredential[] {
  const hashSecret = deriveSecret(secret, 'app-key-hash')
  const credential = (label: string, keyName: string, ageDays: number): AppCredential => {
    const key = demoAppKey(secret, keyName)
    return {
      _id: seededId('AppCredential', keyName),
      appId,
      organizationId: demoOrganization(organization).id,
      keyHash: hashAppKey(hashSecret, key),
      prefix: appKeyPrefix(key),
      label,
      createdAt: daysBefore(now, ageDays, keyName),
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
    }
  }
  return [
    credential('Current key', slug, 20),
    { ...credential('Former key', `${slug}:expired`, 29), expiresAt: daysBefore(now, 13, slug) },
    { ...credential('Leaked in a log', `${slug}:revoked`, 28), revokedAt: daysBefore(now, 27, slug) },
  ]
}
