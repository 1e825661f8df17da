import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { type InputErrors, checkVersion, createInputErrors, known, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type ExtraFieldRulesInput, checkRules } from './check-definition.ts'
import { type ExtraField, type ExtraFieldAudience, type ExtraFieldTarget, mostExtraFields } from './extra-fields.ts'
import type { ExtraFieldType } from './value-rules.ts'

interface Definition {
  readonly label?: string | null
  readonly help?: string | null
  readonly required?: boolean | null
  readonly position?: number | null
  readonly rules?: ExtraFieldRulesInput | null
  readonly visibleTo?: ExtraFieldAudience | null
  readonly editableBy?: ExtraFieldAudience | null
}

export interface CreateExtraFieldInput extends Definition {
  readonly target: ExtraFieldTarget
  readonly key: string
  readonly label: string
  readonly type: ExtraFieldType
}

export interface UpdateExtraFieldInput extends Definition {
  readonly id: string
  readonly retired?: boolean | null
  readonly expectedVersion?: number | null
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
  await note(context, session, 'extra_field.created', field)
  return field._id
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
  await note(context, session, 'extra_field.changed', changed)
  return field._id
}

type Described = Pick<ExtraField, 'label' | 'help' | 'required' | 'position' | 'visibleTo' | 'editableBy'>

function describe(before: Described, input: Definition, errors: InputErrors): Described {
  const help = input.help === undefined ? before.help : input.help?.trim() || null
  if (help !== null && help.length > 500) errors.add(['help'], 'This has at most 500 characters.')
  return {
    label: input.label == null ? before.label : errors.text(['label'], input.label, 100),
    help,
    required: input.required ?? before.required,
    position: input.position == null ? before.position : errors.whole(['position'], input.position, [0, 10_000]),
    visibleTo: input.visibleTo ?? before.visibleTo,
    editableBy: input.editableBy ?? before.editableBy,
  }
}

/** Forms of partners follow the fields that they see; the others are the operator's own. */
function note({ events, caller }: PartnerContext, session: ClientSession, type: string, field: ExtraField) {
  const { _id, target, key, retired, visibleTo } = field
  const audience = visibleTo === 'PARTNER' ? [] : [caller.organizationId]
  return events.append(session, { type, subject: _id, audience, data: { target, key, retired } })
}
