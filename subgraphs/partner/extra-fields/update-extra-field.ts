import type { ClientSession } from 'mongoose'
import { checkVersion, createInputErrors, known, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { checkRules } from './check-definition.ts'
import { type Definition, describe, noteDefinition } from './describe-field.ts'

export interface UpdateExtraFieldInput extends Definition {
  readonly id: string
  readonly retired?: boolean | null
  readonly expectedVersion?: number | null
}

/** Changes a definition. Its key and type stay, so that what is stored keeps its meaning. */
export async function updateExtraField(
  context: PartnerContext,
  input: UpdateExtraFieldInput,
  session: ClientSession,
): Promise<string> {
  operatorOnly(context.caller)
  const { models, caller } = context
  const field = known(await models.extraFields.find(caller, session, input.id), 'extra field')
  checkVersion(field, input.expectedVersion)
  const errors = createInputErrors()
  const rules = input.rules == null ? field.rules : checkRules(field.type, input.rules, errors)
  const described = describe(field, input, errors)
  errors.check()
  const changed = await models.extraFields.change(session, field, {
    ...described,
    rules,
    retired: input.retired ?? field.retired,
  })
  await noteDefinition(context, session, 'extra_field.changed', changed)
  return field._id
}
