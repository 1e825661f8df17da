import { seededId } from '../../../kit/ids.ts'
import { searchWords } from '../../../storage/search.ts'
import { daysBefore, pickFrom, wholeBetween } from '../../demo-world/deterministic.ts'
import { type DemoOrganization, demoOrganizations } from '../../demo-world/organizations.ts'
import type { Certification } from '../certifications/certifications.ts'
import { type Invitation, hashInvitationToken } from '../invitations/invitations.ts'
import { afterDays } from '../invitations/invite-member.ts'
import type { Member } from '../members/members.ts'

const givenNames =
  'Anna Mats Ingrid Jonas Claire Luca Sofia Henrik Marta Pieter Eva Tomás Aoife Kwame Yusuf Nora Stefan Giulia Ola Zuzana Bram Inês Lars Petra'
const familyNames =
  'Berg Novak Lindqvist Moreau Rossi Fischer Kowalska Jansen Murphy Almeida Huber Virtanen Larsen Okafor Demir Keller Dubois Horvath Nilsen Peeters Svoboda Conti Marin Hughes'
const roles = ['ADMIN', 'DEVELOPER', 'SALES', 'FINANCE', 'SALES'] as const

/** The people of the demo's organizations. */
export function seededMembers(now: Date): Member[] {
  return demoOrganizations.flatMap(({ id, slug, joinedDaysAgo }) => {
    const count = wholeBetween(`members:${slug}`, 2, 5)
    return Array.from({ length: count }, (_, index): Member => {
      const key = `${slug}:${index}`
      const { name, mailbox } = personOf(key)
      // Numbered from the second on, so that two people of one name keep apart.
      const email = `${mailbox}${index === 0 ? '' : index + 1}@${slug}.example`
      return {
        _id: seededId('Member', key),
        organizationId: id,
        name,
        email,
        role: roles[index] ?? 'SALES',
        status: 'ACTIVE',
        extraFields: [{ key: 'newsletter', value: String(index % 2 === 0) }],
        words: searchWords(name, email),
        createdAt: daysBefore(now, wholeBetween(`member:${key}`, 1, Math.max(2, joinedDaysAgo)), key),
        version: 1,
      }
    })
  })
}

/** Invitations of each kind. Their tokens are unknown to everybody: what is stored is the hash of nothing. */
export function seededInvitations(now: Date): Invitation[] {
  const invitation = (slug: string, madeDaysAgo: number, rest: Partial<Invitation>): Invitation => {
    const key = `${slug}:invited:${madeDaysAgo}`
    const createdAt = daysBefore(now, madeDaysAgo, key)
    return {
      _id: seededId('Invitation', key),
      organizationId: seededId('Organization', slug),
      email: `${personOf(key).mailbox}@${slug}.example`,
      role: 'SALES',
      status: 'PENDING',
      tokenHash: hashInvitationToken(key),
      memberId: null,
      createdAt,
      expiresAt: afterDays(createdAt, 7),
      version: 1,
      ...rest,
    }
  }
  return [
    invitation('northwind', 1, {}),
    invitation('northwind', 2, { role: 'DEVELOPER' }),
    invitation('northwind', 40, { status: 'EXPIRED' }),
    invitation('northwind', 60, { status: 'ACCEPTED', memberId: seededId('Member', 'northwind:1') }),
    invitation('fjordline', 3, { role: 'FINANCE' }),
    invitation('alpenland', 9, { status: 'REVOKED' }),
  ]
}

const programmes = [
  ['SRV-PRO', 'Server Professional'],
  ['NET-PRO', 'Network Professional'],
  ['STO-EXP', 'Storage Expert'],
] as const

/** What members have passed: of a gold partner all, of a silver one the first. */
export function seededCertifications(now: Date): Certification[] {
  return demoOrganizations.flatMap((organization) =>
    Array.from({ length: certifiedOf(organization) }, (_, index): Certification => {
      const key = `${organization.slug}:${index}`
      const [code, title] = pickFrom(`programme:${key}`, programmes)
      const issuedAt = daysBefore(now, wholeBetween(`certified:${key}`, 20, 300), key)
      return {
        _id: seededId('Certification', key),
        organizationId: organization.id,
        memberId: seededId('Member', key),
        code,
        title,
        status: 'ACTIVE',
        issuedAt,
        expiresAt: afterDays(issuedAt, 730),
        version: 1,
      }
    }),
  )
}

/** Two members at least has every organization. */
function certifiedOf({ slug, tier, status }: DemoOrganization): number {
  if (status !== 'APPROVED') return 0
  if (tier === 'gold' || slug === 'baltica') return 2
  return tier === 'silver' ? 1 : 0
}

function personOf(key: string): { readonly name: string; readonly mailbox: string } {
  const given = pickFrom(`given:${key}`, givenNames.split(' '))
  const family = pickFrom(`family:${key}`, familyNames.split(' '))
  const mailbox = `${given}.${family}`.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
  return { name: `${given} ${family}`, mailbox }
}
