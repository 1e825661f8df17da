import {
  type GraphQLLeafType,
  type GraphQLOutputType,
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import type { Condition } from '../operation/condition.ts'
import type { Variables } from '../request.ts'
import { type DataObject, isObject } from './data.ts'
import { jsonText, stringText } from './json-text.ts'
import type { SelectedField, Selection } from './selected-fields.ts'

/**
 * Writes an answer as JSON text straight from the data, without an object in between. Null when something is missing
 * that cannot be, or has the wrong type: then the careful projection finds out where.
 */
export type AnswerWriter = (data: DataObject, variables: Variables) => string | null

/** Thrown by generated code where the data is not as its types say; carries nothing and costs no stack. */
const irregular = Symbol('irregular data')

type WriteObject = (data: unknown) => string

/**
 * Generates the code of a writer. The code is made of response keys and type names alone, which are GraphQL names (the
 * document was validated) and are put in as JSON strings; no text of a request gets into it. `plain` says that no
 * string of the data needs an escape.
 */
export function createAnswerWriter(selection: Selection, plain: boolean): AnswerWriter {
  const conditions: Condition[] = []
  // Read by generated code; answered anew before each answer, which is written in one synchronous step.
  const asked: boolean[] = []
  const text = plain ? (value: string) => `"${value}"` : stringText
  const writeRoot = compileSelection(selection, { conditions, asked, text, plain })
  return (data, variables) => {
    for (let index = 0; index < conditions.length; index++) {
      asked[index] = (conditions[index] as Condition)(variables)
    }
    try {
      return writeRoot(data)
    } catch (error) {
      if (error === irregular) return null
      throw error
    }
  }
}

interface Writing {
  readonly conditions: Condition[]
  readonly asked: readonly boolean[]
  readonly text: (value: string) => string
  readonly plain: boolean
}

/** A writer of objects: of one type, or by the `__typename` of each. */
function compileSelection(selection: Selection, writing: Writing): WriteObject {
  if (isObjectType(selection.type)) {
    let write: WriteObject | undefined
    const { name } = selection.type
    // Compiled on first use: not every list has items.
    return (data) => (write ??= compileObject(selection, name, writing))(data)
  }
  const byType = new Map<string, WriteObject>()
  return (data) => {
    if (!isObject(data)) throw irregular
    const name = selection.typeNameOf(data)
    if (name === null) throw irregular
    let write = byType.get(name)
    if (write === undefined) {
      write = compileObject(selection, name, writing)
      byType.set(name, write)
    }
    return write(data)
  }
}

/** What generated code calls by a number. */
type Callee = (value: unknown) => string

function compileObject(selection: Selection, typeName: string, writing: Writing): WriteObject {
  const callees: Callee[] = []
  const fields = selection.fieldsFor(typeName)
  // An interface: which object type it is was not fetched.
  const isKnown = isObjectType(selection.schema.getType(typeName))
  const valueOf = (field: SelectedField): string => {
    if (field.type === null)
      return isKnown ? literal(JSON.stringify(typeName)) : `callees[${callees.push(refuse) - 1}]()`
    return valueCode(field, field.type, { value: `d[${literal(field.responseKey)}]`, callees, writing })
  }
  let body: string
  if (fields.every(({ included }) => included === null)) {
    const parts = fields.map((field, index) => `${literal((index === 0 ? '{' : ',') + label(field))}+${valueOf(field)}`)
    body = `return ${parts.length === 0 ? '"{}"' : `${parts.join('+')}+"}"`}`
  } else {
    const statements = fields.map((field) => {
      const write = `t+=s+${literal(label(field))}+${valueOf(field)};s=",";`
      return field.included === null ? write : `if(asked[${writing.conditions.push(field.included) - 1}]){${write}}`
    })
    body = `let t="{",s="";${statements.join('')}return t+"}"`
  }
  const code = `return function(d){if(typeof d!=="object"||d===null||Array.isArray(d))throw irregular;let v;${body}}`
  return generate(code, { irregular, callees, asked: writing.asked, text: writing.text })
}

interface ValuePlace {
  /** Code that reads the value. */
  readonly value: string
  readonly callees: Callee[]
  readonly writing: Writing
}

/** An expression for the JSON text of a value. */
function valueCode(field: SelectedField, type: GraphQLOutputType, { value, callees, writing }: ValuePlace): string {
  const nullable = !isNonNullType(type)
  const inner = isNonNullType(type) ? type.ofType : type
  const scalar = isLeafType(inner) ? scalarCode(inner, writing.plain) : null
  const write = scalar === null ? compileValue(field, inner, { writing, nullable }) : refuse
  const call = callees.push((found) => {
    if (!isMissing(found)) return write(found)
    if (nullable) return 'null'
    throw irregular
  })
  const other = `callees[${call - 1}]`
  return scalar === null ? `${other}(${value})` : `((v=${value}),${scalar.test}?${scalar.text}:${other}(v))`
}

/** A function is what an object inherits under a name such as `constructor`: no data. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'function'
}

/** The code of a string. */
function literal(text: string): string {
  return JSON.stringify(text)
}

function label({ responseKey }: SelectedField): string {
  return `${JSON.stringify(responseKey)}:`
}

function refuse(): never {
  throw irregular
}

function scalarCode(type: GraphQLLeafType, plain: boolean): { readonly test: string; readonly text: string } | null {
  const string = plain ? '"\\""+v+"\\""' : 'text(v)'
  if (isEnumType(type)) return null
  switch (type.name) {
    case GraphQLString.name:
    case GraphQLID.name:
      return { test: 'typeof v==="string"', text: string }
    case GraphQLInt.name:
      return { test: 'typeof v==="number"&&(v|0)===v', text: 'v' }
    case GraphQLFloat.name:
      return { test: 'typeof v==="number"&&v-v===0', text: 'v' }
    case GraphQLBoolean.name:
      return { test: 'typeof v==="boolean"', text: 'v' }
    default:
      return null
  }
}

/** A function for what is not one of the built-in scalars. */
function compileValue(
  field: SelectedField,
  type: GraphQLOutputType,
  { writing, nullable }: { readonly writing: Writing; readonly nullable: boolean },
): (value: unknown) => string {
  if (isListType(type)) return compileList(field, type.ofType, writing)
  if (field.selection) return compileSelection(field.selection, writing)
  if (isEnumType(type)) {
    const texts = new Map(type.getValues().map(({ name }) => [name, JSON.stringify(name)]))
    return (value) => {
      const text = texts.get(value as string)
      if (text !== undefined) return text
      // Subgraphs may have values that clients do not know.
      if (nullable) return 'null'
      throw irregular
    }
  }
  return jsonText
}

function compileList(field: SelectedField, itemType: GraphQLOutputType, writing: Writing): (value: unknown) => string {
  const nullable = !isNonNullType(itemType)
  const inner = isNonNullType(itemType) ? itemType.ofType : itemType
  const write = leafItem(inner, writing) ?? compileValue(field, inner, { writing, nullable })
  return (list) => {
    if (!Array.isArray(list)) throw irregular
    let text = '['
    for (let index = 0; index < list.length; index++) {
      const item: unknown = list[index]
      if (index > 0) text += ','
      if (item !== undefined && item !== null) text += write(item)
      else if (nullable) text += 'null'
      else throw irregular
    }
    return `${text}]`
  }
}

/** A function for a built-in scalar in a list; null for all else. */
function leafItem(type: GraphQLOutputType, writing: Writing): ((value: unknown) => string) | null {
  const scalar = isLeafType(type) ? scalarCode(type, writing.plain) : null
  if (scalar === null) return null
  const code = `return function(v){if(${scalar.test})return ""+${scalar.text};throw irregular}`
  return generate(code, { irregular, text: writing.text })
}

/** The only place where code is made of text; what may be in it is told above. */
function generate(code: string, environment: Readonly<Record<string, unknown>>): (value: unknown) => string {
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function(...Object.keys(environment), code) as (...values: readonly unknown[]) => WriteObject
  return make(...Object.values(environment))
}
