import { CommandError, unsupported } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { fieldOf } from '../field-path.ts'
import { isDoc } from '../value-type.ts'
import { allOf, type ValueTest } from './condition.ts'
import { arrayKeywords } from './json-schema-arrays.ts'
import { wholeNumber, type Keyword } from './json-schema-keyword.ts'
import { scalarKeywords } from './json-schema-scalars.ts'
import { matchesRegex } from './regex.ts'

/** Compiles the operand of `$jsonSchema`: https://www.mongodb.com/docs/manual/reference/operator/query/jsonSchema/ */
export function compileJsonSchema(schema: unknown): ValueTest {
  if (!isDoc(schema)) throw new CommandError('TypeMismatch', '$jsonSchema must be an object')
  const tests = Object.entries(schema).flatMap(([name, operand]) => {
    const keyword = Object.hasOwn(keywords, name) ? keywords[name] : undefined
    if (keyword !== undefined) return keyword(operand, schema, compileJsonSchema) ?? []
    if (refusedKeywords.has(name)) throw unsupported('FailedToParse', `the $jsonSchema keyword '${name}'`)
    if (unsupportedKeywords.has(name)) {
      throw new CommandError('FailedToParse', `$jsonSchema keyword '${name}' is not currently supported`)
    }
    throw new CommandError('FailedToParse', `Unknown $jsonSchema keyword: ${name}`)
  })
  return allOf(tests)
}

/** MongoDB's, but not here. */
const refusedKeywords = new Set(['encrypt', 'encryptMetadata'])

/** Of the standard, but not MongoDB's. */
const unsupportedKeywords = new Set(['$ref', '$schema', 'default', 'definitions', 'format', 'id'])

/** What only says something about documents. */
function aboutDocs(test: (doc: Doc) => boolean): ValueTest {
  return (value) => !isDoc(value) || test(value)
}

function docOperand(name: string, operand: unknown): Doc {
  if (isDoc(operand)) return operand
  throw new CommandError('TypeMismatch', `$jsonSchema keyword '${name}' must be an object`)
}

function compiledOperand(
  name: string,
  operand: unknown,
  compile: (schema: unknown) => ValueTest,
): [string, ValueTest][] {
  return Object.entries(docOperand(name, operand)).map(([field, schema]) => {
    if (!isDoc(schema))
      throw new CommandError('TypeMismatch', `Nested schema for $jsonSchema property '${field}' must be an object`)
    return [field, compile(schema)]
  })
}

const properties: Keyword = (operand, _schema, compile) => {
  const tests = compiledOperand('properties', operand, compile)
  return aboutDocs((doc) =>
    tests.every(([field, test]) => {
      const value = fieldOf(doc, field)
      return value === undefined || test(value)
    }),
  )
}

function patternsOf(operand: unknown, compile: (schema: unknown) => ValueTest): [ValueTest, ValueTest][] {
  return compiledOperand('patternProperties', operand, compile).map(([pattern, test]) => [
    matchesRegex(pattern, ''),
    test,
  ])
}

const patternProperties: Keyword = (operand, _schema, compile) => {
  const patterns = patternsOf(operand, compile)
  return aboutDocs((doc) =>
    Object.entries(doc).every(([field, value]) => patterns.every(([named, test]) => !named(field) || test(value))),
  )
}

const additionalProperties: Keyword = (operand, schema, compile) => {
  if (operand === true) return undefined
  if (operand !== false && !isDoc(operand)) {
    throw new CommandError(
      'TypeMismatch',
      "$jsonSchema keyword 'additionalProperties' must be either an object or a boolean",
    )
  }
  const test = operand === false ? () => false : compile(operand)
  const known = new Set(
    schema['properties'] === undefined ? [] : Object.keys(docOperand('properties', schema['properties'])),
  )
  const patterns = schema['patternProperties'] === undefined ? [] : patternsOf(schema['patternProperties'], compile)
  return aboutDocs((doc) =>
    Object.entries(doc).every(
      ([field, value]) => known.has(field) || patterns.some(([named]) => named(field)) || test(value),
    ),
  )
}

const required: Keyword = (operand) => {
  const fields = fieldNames('required', operand)
  return aboutDocs((doc) => fields.every((field) => fieldOf(doc, field) !== undefined))
}

function fieldNames(name: string, operand: unknown): string[] {
  if (!Array.isArray(operand)) throw new CommandError('TypeMismatch', `$jsonSchema keyword '${name}' must be an array`)
  if (operand.length === 0) {
    throw new CommandError('FailedToParse', `$jsonSchema keyword '${name}' cannot be an empty array`)
  }
  const fields = operand.filter((field): field is string => typeof field === 'string')
  if (fields.length < operand.length) {
    throw new CommandError('TypeMismatch', `$jsonSchema keyword '${name}' must be an array of strings`)
  }
  if (new Set(fields).size < fields.length) {
    throw new CommandError('FailedToParse', `$jsonSchema keyword '${name}' array cannot contain duplicate values`)
  }
  return fields
}

const dependencies: Keyword = (operand, _schema, compile) => {
  const tests = Object.entries(docOperand('dependencies', operand)).map(([field, needed]): [string, ValueTest] => {
    if (isDoc(needed)) return [field, compile(needed)]
    const fields = fieldNames('dependencies', needed)
    return [field, aboutDocs((doc) => fields.every((other) => fieldOf(doc, other) !== undefined))]
  })
  return aboutDocs((doc) => tests.every(([field, test]) => fieldOf(doc, field) === undefined || test(doc)))
}

function countOfFields(name: string, holds: (count: number, limit: number) => boolean): Keyword {
  return (operand) => {
    const limit = wholeNumber(name, operand)
    return aboutDocs((doc) => holds(Object.keys(doc).length, limit))
  }
}

function branches(name: string, decide: (matching: number, all: number) => boolean): Keyword {
  return (operand, _schema, compile) => {
    if (!Array.isArray(operand))
      throw new CommandError('TypeMismatch', `$jsonSchema keyword '${name}' must be an array`)
    if (operand.length === 0) {
      throw new CommandError('BadValue', `$jsonSchema keyword '${name}' must be a non-empty array`)
    }
    const tests = operand.map((branch: unknown) => compile(branch))
    return (value) => decide(tests.filter((test) => test(value)).length, tests.length)
  }
}

const not: Keyword = (operand, _schema, compile) => {
  if (!isDoc(operand)) throw new CommandError('TypeMismatch', "$jsonSchema keyword 'not' must be an object")
  const test = compile(operand)
  return (value) => !test(value)
}

/** Says something to people only. */
const remark: Keyword = (operand) => {
  if (typeof operand === 'string') return undefined
  throw new CommandError('TypeMismatch', "$jsonSchema keywords 'title' and 'description' must be strings")
}

const keywords: Readonly<Record<string, Keyword>> = {
  ...scalarKeywords,
  ...arrayKeywords,
  properties,
  patternProperties,
  additionalProperties,
  required,
  dependencies,
  minProperties: countOfFields('minProperties', (count, limit) => count >= limit),
  maxProperties: countOfFields('maxProperties', (count, limit) => count <= limit),
  allOf: branches('allOf', (matching, all) => matching === all),
  anyOf: branches('anyOf', (matching) => matching > 0),
  oneOf: branches('oneOf', (matching) => matching === 1),
  not,
  title: remark,
  description: remark,
}
