import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { createInputErrors, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { checkRules } from './check-definition.ts'
import { type Definition, describe, noteDefinition } from './describe-field.ts'
import { type ExtraField, type ExtraFieldTarget, mostExtraFields } from './extra-fields.ts'
import type { ExtraFieldType } from './value-rules.ts'

export interface CreateExtraFieldInput extends Definition {
  readonly target: ExtraFieldTarget
  readonly key: string
  readonly label: string
  readonly type: ExtraFieldType
}

/** Defines an extra field. */
export async function createExtraField(
  context: PartnerContext,
  input: CreateExtraFieldInput,
  session: ClientSession,
): Promise<string> {
  operatorOnly(context.caller)
  const { models } = context
  const { target, key, type } = input
  const errors = createInputErrors()
  if (!/^[a-zA-Z][a-zA-Z0-9]{0,39}$/.test(key)) {
    errors.add(['key'], 'A key is a letter and then at most 39 letters and digits.')
  }
  const blank = {
    label: '',
    help: null,
    required: false,
    position: 0,
    visibleTo: 'PARTNER',
    editableBy: 'PARTNER',
  } as const
  const rules = checkRules(type, input.rules, errors)
  const described = describe(blank, input, errors)
  const field: ExtraField = {
    _id: createId('ExtraField'),
    target,
    key,
    type,
    ...described,
    rules,
    retired: false,
    version: 1,
  }
  errors.check()
  if ((await models.extraFields.countOf(target, session)) >= mostExtraFields) {
    throw refuse(
      'TOO_MANY',
      ['input', 'target'],
      `There are at most ${mostExtraFields} extra fields, retired included.`,
    )
  }
  try {
    await models.extraFields.insert(session, field)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('KEY_TAKEN', ['input', 'key'], 'There is a field with this key, if a retired one; change that.')
  }
  await noteDefinition(context, session, 'extra_field.created', field)
  return field._id
}
