import type { ClientSession } from 'mongoose'
import { searchWords } from '../../../storage/search.ts'
import { checkExtraFields } from '../extra-fields/check-extra-fields.ts'
import type { ExtraFieldInput } from '../extra-fields/value-rules.ts'
import { createInputErrors } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type MemberInput, activeMember } from './active-member.ts'
import { memberEvent } from './member-events.ts'

export interface UpdateMemberInput extends MemberInput {
  readonly name?: string | null
  readonly extraFields?: readonly ExtraFieldInput[] | null
}

/** Changes a member's name or extra fields. */
export async function updateMember(context: PartnerContext, input: UpdateMemberInput, session: ClientSession) {
  const { models, events } = context
  const member = await activeMember(context, input, session)
  const errors = createInputErrors()
  const name = input.name == null ? member.name : errors.text(['name'], input.name, 200)
  const extraFields = await checkExtraFields(context, session, {
    target: 'MEMBER',
    stored: member.extraFields,
    given: input.extraFields,
    errors,
  })
  errors.check()
  const words = searchWords(name, member.email)
  const changed = await models.members.change(session, member, { name, extraFields, words })
  await events.append(session, memberEvent('changed', changed))
  return member._id
}
