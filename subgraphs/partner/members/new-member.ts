import { createId } from '../../../kit/ids.ts'
import { searchWords } from '../../../storage/search.ts'
import type { StoredValue } from '../extra-fields/stored-values.ts'
import type { Member, MemberRole } from './members.ts'

/** The document of a person who joins an organization. */
export function newMember(member: {
  readonly organizationId: string
  readonly name: string
  readonly email: string
  readonly role: MemberRole
  readonly extraFields?: readonly StoredValue[]
  readonly now: Date
}): Member {
  const { now, extraFields = [], ...rest } = member
  return {
    ...rest,
    _id: createId('Member'),
    status: 'ACTIVE',
    extraFields,
    words: searchWords(member.name, member.email),
    createdAt: now,
    version: 1,
  }
}
