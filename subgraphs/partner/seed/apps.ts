import { appKeyPrefix, hashAppKey } from '../../../kit/app-key.ts'
import { seededId } from '../../../kit/ids.ts'
import { deriveSecret } from '../../../kit/secrets.ts'
import { searchWords } from '../../../storage/search.ts'
import { type DemoApp, demoAppKey, demoApps } from '../../demo-world/apps.ts'
import { daysBefore, wholeBetween } from '../../demo-world/deterministic.ts'
import { demoOrganization } from '../../demo-world/organizations.ts'
import type { App } from '../apps/apps.ts'
import type { Consent } from '../consents/consents.ts'
import type { AppCredential } from '../credentials/credentials.ts'

/** The demo's apps; all of them call the sandbox. */
export function seededApps(now: Date): App[] {
  return demoApps.map(({ id, slug, name, organization, scopes, isPublic }) => ({
    _id: id,
    organizationId: demoOrganization(organization).id,
    name,
    description: '',
    environment: 'SANDBOX',
    status: 'ACTIVE',
    scopes: [...scopes].toSorted(),
    redirectUris: isPublic ? [] : [`https://${slug}.example/callback`],
    clientType: isPublic ? 'PUBLIC' : 'CONFIDENTIAL',
    extraFields: [{ key: 'supportEmail', value: `support@${organization}.example` }],
    words: searchWords(name),
    revokedAt: null,
    revokedReason: null,
    revision: 0,
    createdAt: daysBefore(now, wholeBetween(`app:${slug}`, 30, 90), slug),
    version: 1,
  }))
}

/** Of each app the key that is in use, after one that has expired and one that was revoked. */
export function seededCredentials(now: Date, secret: string): AppCredential[] {
  const hashSecret = deriveSecret(secret, 'app-key-hash')
  return demoApps.flatMap(({ id: appId, slug, organization, isPublic }: DemoApp): AppCredential[] => {
    if (isPublic) return []
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
        lapsed: false,
        version: 1,
      }
    }
    return [
      credential('Current key', slug, 20),
      { ...credential('Former key', `${slug}:expired`, 29), expiresAt: daysBefore(now, 13, slug), lapsed: true },
      { ...credential('Leaked in a log', `${slug}:revoked`, 28), revokedAt: daysBefore(now, 27, slug), lapsed: true },
    ]
  })
}

/** The first member of each portal's organization works through the portal. */
export function seededConsents(now: Date): Consent[] {
  return demoApps
    .filter(({ slug }) => slug.endsWith('-portal'))
    .map(({ id, slug, organization, scopes }) => ({
      _id: seededId('Consent', slug),
      organizationId: demoOrganization(organization).id,
      memberId: seededId('Member', `${organization}:0`),
      appId: id,
      scopes: scopes.filter((scope) => scope.endsWith(':read')).toSorted(),
      status: 'ACTIVE',
      grantedAt: daysBefore(now, wholeBetween(`consent:${slug}`, 3, 25), slug),
      expiresAt: null,
      revokedAt: null,
      version: 1,
    }))
}
