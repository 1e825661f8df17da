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
import { generateCode, literal } from './generated-code.ts'
import { jsonText, stringText } from './json-text.ts'
import type { SelectedField, Selection } from './selected-fields.ts'

/**
 * Writes an answer as JSON text straight from the data, without an object in between. Null when something is missing
 * that cannot be, or has the wrong type: then the careful projection finds out where.
 */
export type AnswerWriter = (data: DataObject, variables: Variables) => string | null

/** Thrown by generated code where the data is not as its types say; carries nothing and costs no stack. */
const irregular = Symbol('irregular data')

/** Adds the JSON text of a value to the pieces. */
type Write = (value: unknown) => void

/**
 * The pieces of the answer that is being written, joined at its end. One list serves all answers, because each is
 * written in one synchronous step: to concatenate them would make an object for each of thousands of pieces.
 */
interface Pieces {
  texts: string[]
  length: number
}

const ofThisAnswer: Pieces = { texts: [], length: 0 }

/** A longer list is not kept. */
const keptPieces = 65_536

/** Generates the code of a writer. `plain` says that no string of the data needs an escape. */
export function createAnswerWriter(selection: Selection, plain: boolean): AnswerWriter {
  const conditions: Condition[] = []
  let now: Variables = {}
  // Read by generated code; answered anew before each answer, which is written in one synchronous step.
  const asked: boolean[] = []
  const pieces = ofThisAnswer
  const ask = (condition: Condition): number => {
    const index = conditions.push(condition) - 1
    // Code is compiled when it is first needed, which is in the middle of an answer.
    asked[index] = condition(now)
    return index
  }
  const writeRoot = compileSelection(selection, { ask, asked, plain, pieces })
  return (data, variables) => {
    now = variables
    for (let index = 0; index < conditions.length; index++) {
      asked[index] = (conditions[index] as Condition)(variables)
    }
    pieces.length = 0
    try {
      writeRoot(data)
      return pieces.texts.slice(0, pieces.length).join('')
    } catch (error) {
      if (error === irregular) return null
      throw error
    } finally {
      if (pieces.texts.length > keptPieces) pieces.texts = []
    }
  }
}

interface Writing {
  /** The index in `asked` at which it stands whether a condition is met. */
  readonly ask: (condition: Condition) => number
  readonly asked: readonly boolean[]
  readonly plain: boolean
  readonly pieces: Pieces
}

/** A writer of objects: of one type, or by the `__typename` of each. */
function compileSelection(selection: Selection, writing: Writing): Write {
  if (isObjectType(selection.type)) {
    let write: Write | undefined
    const { name } = selection.type
    // Compiled on first use: not every list has items.
    return (data) => {
      write ??= compileObject(selection, name, writing)
      write(data)
    }
  }
  const byType = new Map<string, Write>()
  return (data) => {
    if (!isObject(data)) throw irregular
    const name = selection.typeNameOf(data)
    if (name === null) throw irregular
    let write = byType.get(name)
    if (write === undefined) {
      write = compileObject(selection, name, writing)
      byType.set(name, write)
    }
    write(data)
  }
}

function compileObject(selection: Selection, typeName: string, writing: Writing): Write {
  const callees: Write[] = []
  const fields = selection.fieldsFor(typeName)
  // An interface: which object type it is was not fetched.
  const isKnown = isObjectType(selection.schema.getType(typeName))
  const valueOf = (field: SelectedField, before: string, open: boolean): FieldCode => {
    if (field.type !== null) {
      const place = { value: `d[${literal(field.responseKey)}]`, before, open, callees, writing }
      return valueCode(field, field.type, place)
    }
    const code = isKnown
      ? pushAfter(before + JSON.stringify(typeName), open)
      : `callees[${callees.push(refuse) - 1}]();`
    return { code, open: false }
  }
  let body = ''
  if (fields.every(({ included }) => included === null)) {
    let open = false
    for (const [index, field] of fields.entries()) {
      const statement = valueOf(field, (index === 0 ? '{' : ',') + label(field), open)
      body += statement.code
      open = statement.open
    }
    body += fields.length === 0 ? push('"{}"') : pushAfter('}', open)
  } else {
    const statements = fields.map((field) => {
      const value = valueOf(field, label(field), false)
      const write = `${push('s')}${value.code}${value.open ? `if(q)${push(literal('"'))}` : ''}s=",";`
      return field.included === null ? write : `if(asked[${writing.ask(field.included)}]){${write}}`
    })
    body = `let s="";${push('"{"')}${statements.join('')}${push('"}"')}`
  }
  const code = `return function(d){if(typeof d!=="object"||d===null||Array.isArray(d))throw irregular;const p=pieces.texts;let v,q;${body}}`
  return generateCode(code, { irregular, callees, asked: writing.asked, pieces: writing.pieces, stringText }) as Write
}

/**
 * Statements that write a field. A string without escapes is left without its last quote where `open` says so, and the
 * variable `q` whether it is: the quote then is part of the next piece, so that a string takes two pieces and not three.
 */
interface FieldCode {
  readonly code: string
  readonly open: boolean
}

/** Code that adds a text, behind the quote of a string that is open. */
function pushAfter(text: string, open: boolean): string {
  return push(open ? `q?${literal(`"${text}`)}:${literal(text)}` : literal(text))
}

/** Code that adds a piece. */
function push(expression: string): string {
  return `p[pieces.length++]=${expression};`
}

interface ValuePlace {
  /** Code that reads the value. */
  readonly value: string
  /** The text that stands before the value. */
  readonly before: string
  /** Whether a string may be open before it. */
  readonly open: boolean
  readonly callees: Write[]
  readonly writing: Writing
}

/** Statements that write a value with what stands before it. */
function valueCode(
  field: SelectedField,
  type: GraphQLOutputType,
  { value, before, open, callees, writing }: ValuePlace,
): FieldCode {
  const nullable = !isNonNullType(type)
  const inner = isNonNullType(type) ? type.ofType : type
  const scalar = isLeafType(inner) ? scalarCode(inner, writing.plain) : null
  const write = scalar === null ? compileValue(field, inner, { writing, nullable }) : refuse
  const call = callees.push((found) => {
    if (!isMissing(found)) write(found)
    else if (nullable) add(writing.pieces, 'null')
    else throw irregular
  })
  const other = `${pushAfter(before, open)}callees[${call - 1}](v);`
  if (scalar === null) return { code: `v=${value};${other}`, open: false }
  const quoted = scalar.quoted
    ? `${pushAfter(`${before}"`, open)}${push('v')}q=true;`
    : `${pushAfter(before, open)}${push(scalar.text)}`
  const code = `v=${value};if(${scalar.test}){${quoted}}else{${other}${scalar.quoted ? 'q=false;' : ''}}`
  return { code, open: scalar.quoted }
}

function add(pieces: Pieces, text: string): void {
  pieces.texts[pieces.length] = text
  pieces.length += 1
}

/** A function is what an object inherits under a name such as `constructor`: no data. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'function'
}

function label({ responseKey }: SelectedField): string {
  return `${JSON.stringify(responseKey)}:`
}

function refuse(): never {
  throw irregular
}

interface ScalarCode {
  /** Whether `v` is of the type. */
  readonly test: string
  /** An expression for its JSON text, or for what stands between the quotes. */
  readonly text: string
  readonly quoted: boolean
}

function scalarCode(type: GraphQLLeafType, plain: boolean): ScalarCode | null {
  if (isEnumType(type)) return null
  switch (type.name) {
    case GraphQLString.name:
    case GraphQLID.name:
      return { test: 'typeof v==="string"', text: plain ? 'v' : 'stringText(v)', quoted: plain }
    case GraphQLInt.name:
      return { test: 'typeof v==="number"&&(v|0)===v', text: '""+v', quoted: false }
    case GraphQLFloat.name:
      return { test: 'typeof v==="number"&&v-v===0', text: '""+v', quoted: false }
    case GraphQLBoolean.name:
      return { test: 'typeof v==="boolean"', text: '""+v', quoted: false }
    default:
      return null
  }
}

/** A function for what is not one of the built-in scalars. */
function compileValue(
  field: SelectedField,
  type: GraphQLOutputType,
  { writing, nullable }: { readonly writing: Writing; readonly nullable: boolean },
): Write {
  if (isListType(type)) return compileList(field, type.ofType, writing)
  if (field.selection) return compileSelection(field.selection, writing)
  const { pieces: into } = writing
  if (!isEnumType(type)) return (value) => add(into, jsonText(value))
  const texts = new Map(type.getValues().map(({ name }) => [name, JSON.stringify(name)]))
  return (value) => {
    const text = texts.get(value as string)
    // Subgraphs may have values that clients do not know.
    if (text === undefined && !nullable) throw irregular
    add(into, text ?? 'null')
  }
}

function compileList(field: SelectedField, itemType: GraphQLOutputType, writing: Writing): Write {
  const { pieces: into } = writing
  const nullable = !isNonNullType(itemType)
  const inner = isNonNullType(itemType) ? itemType.ofType : itemType
  const write = leafItem(inner, writing) ?? compileValue(field, inner, { writing, nullable })
  return (list) => {
    if (!Array.isArray(list)) throw irregular
    add(into, '[')
    for (let index = 0; index < list.length; index++) {
      const item: unknown = list[index]
      if (index > 0) add(into, ',')
      if (item !== undefined && item !== null) write(item)
      else if (nullable) add(into, 'null')
      else throw irregular
    }
    add(into, ']')
  }
}

/** A function for a built-in scalar in a list; null for all else. */
function leafItem(type: GraphQLOutputType, writing: Writing): Write | null {
  const scalar = isLeafType(type) ? scalarCode(type, writing.plain) : null
  if (scalar === null) return null
  const quote = scalar.quoted ? push(literal('"')) : ''
  const code = `return function(v){const p=pieces.texts;if(${scalar.test}){${quote}${push(scalar.text)}${quote}}else throw irregular}`
  return generateCode(code, { irregular, pieces: writing.pieces, stringText }) as Write
}
