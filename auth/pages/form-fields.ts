import { type Html, markup } from '../../kit/markup.ts'
import type { AskedField } from '../sign-up/desk.ts'

type Option = readonly [value: string, label: string]

export interface TextField {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly type?: string
  readonly hint?: string
  readonly required?: boolean
  readonly maxlength?: number
  readonly autocomplete?: string
}

/** A labelled input with its hint. */
export function textField(field: TextField): Html {
  const { name, label, value, type = 'text', hint, required = true, maxlength = 200, autocomplete = 'off' } = field
  return markup`<label for="${name}">${label}${required ? undefined : optional}</label>
    <input id="${name}" name="${name}" type="${type}" value="${value}" maxlength="${String(maxlength)}" autocomplete="${autocomplete}"${
      required ? requiredMark : undefined
    }${describedBy(name, hint)} />${hintOf(name, hint)}`
}

/** A labelled choice from a list; `empty` is shown where nothing is chosen. */
export function selectField(options: {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly options: readonly Option[]
  readonly empty?: string
  readonly hint?: string | undefined
  readonly required?: boolean
}): Html {
  const { name, label, value, empty, hint, required = true } = options
  const all: readonly Option[] = empty === undefined ? options.options : [['', empty], ...options.options]
  return markup`<label for="${name}">${label}${required ? undefined : optional}</label>
    <select id="${name}" name="${name}"${required ? requiredMark : undefined}${describedBy(name, hint)}>
      ${all.map(([code, text]) => markup`<option value="${code}"${code === value ? markup` selected` : undefined}>${text}</option>`)}
    </select>${hintOf(name, hint)}`
}

const inputTypes = { TEXT: 'text', NUMBER: 'text', DATE: 'date', URL: 'url', EMAIL: 'email' } as const

/** The input of a field that the operator has defined; its name in the form is the key after `x_`. */
export function extraField(field: AskedField, value: string): Html {
  const { key, label, help, type, required, rules } = field
  const name = `x_${key}`
  const common = { name, label, value, required, hint: help ?? undefined }
  if (type === 'SELECT') {
    return selectField({ ...common, empty: '', options: rules.options.map((option) => [option, option] as const) })
  }
  if (type === 'BOOLEAN') {
    return selectField({
      ...common,
      empty: '',
      options: [
        ['true', 'Yes'],
        ['false', 'No'],
      ],
    })
  }
  const { hint, ...rest } = common
  return textField({
    ...rest,
    ...(hint === undefined ? {} : { hint }),
    type: inputTypes[type],
    maxlength: rules.maxLength ?? 2_000,
  })
}

/** What was given for extra fields, without what was left empty. */
export function givenExtraFields(
  asked: readonly AskedField[],
  form: URLSearchParams,
): { key: string; value: string }[] {
  return asked
    .map(({ key }) => ({ key, value: (form.get(`x_${key}`) ?? '').trim() }))
    .filter(({ value }) => value !== '')
}

const requiredMark = markup` required`
const optional = markup` <span class="optional">optional</span>`

function describedBy(name: string, hint: string | undefined): Html | undefined {
  return hint === undefined ? undefined : markup` aria-describedby="${name}-hint"`
}

function hintOf(name: string, hint: string | undefined): Html | undefined {
  return hint === undefined ? undefined : markup`<span class="hint" id="${name}-hint">${hint}</span>`
}
