import { isUtf8 as isUtf8Text } from 'node:buffer'
import { isDeeperThan } from '../operation/nesting.ts'
import { HttpRefusal } from './http-refusal.ts'

/** A GraphQL request as it came, its parts of the right types but nothing of it believed. */
export interface GraphParams {
  readonly query: string | undefined
  /** A persisted document's identifier (GraphQL over HTTP, appendix A). */
  readonly documentId: string | undefined
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
  readonly extensions: Readonly<Record<string, unknown>>
}

/** Levels that `extensions` may have; those of variables are counted where variables are read. */
const extensionsDepth = 8

/** Reads the JSON body of a POST. Throws HttpRefusal. */
export function paramsOfBody(body: Buffer): GraphParams {
  if (!isUtf8Text(body)) throw new HttpRefusal(400, 'The body is not valid UTF-8.')
  const text = body.toString('utf8')
  const parsed = parseJson(text, 'The body is not valid JSON.')
  if (Array.isArray(parsed)) {
    throw new HttpRefusal(400, 'One request is answered at a time: send an object, not a list.')
  }
  if (!isMap(parsed)) throw new HttpRefusal(400, 'The body is not a GraphQL request: { "query": "…" }.')
  return {
    query: textOf(parsed, 'query'),
    documentId: textOf(parsed, 'documentId'),
    operationName: textOf(parsed, 'operationName'),
    variables: mapOf(parsed['variables'], 'variables'),
    extensions: shallow(mapOf(parsed['extensions'], 'extensions')),
  }
}

/** Reads the parameters of a GET. Throws HttpRefusal. */
export function paramsOfSearch(search: string): GraphParams {
  const given = new URLSearchParams(search)
  const once = (name: string): string | undefined => {
    const values = given.getAll(name)
    if (values.length > 1) throw new HttpRefusal(400, `The parameter ${name} may be given once.`)
    return values[0] === '' ? undefined : values[0]
  }
  const json = (name: string) => {
    const text = once(name)
    return text === undefined ? none : mapOf(parseJson(text, `The parameter ${name} is not valid JSON.`), name)
  }
  return {
    query: once('query'),
    documentId: once('documentId'),
    operationName: once('operationName'),
    variables: json('variables'),
    extensions: shallow(json('extensions')),
  }
}

const none: Readonly<Record<string, unknown>> = Object.freeze({})

function parseJson(text: string, complaint: string): unknown {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new HttpRefusal(400, complaint)
  }
  // As a key it would not be data to everyone who copies objects. The name may be written with escapes too.
  if (/__proto__|\\u00/.test(text) && hasProtoKey(parsed)) {
    throw new HttpRefusal(400, 'The key __proto__ is not taken.')
  }
  return parsed
}

/** Level by level, for recursion over what a client sends could exhaust the stack. */
function hasProtoKey(value: unknown): boolean {
  const waiting: unknown[] = [value]
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (typeof item !== 'object' || item === null) continue
    if (Object.hasOwn(item, '__proto__')) return true
    for (const inner of Object.values(item)) if (typeof inner === 'object' && inner !== null) waiting.push(inner)
  }
  return false
}

function textOf(params: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = params[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new HttpRefusal(400, `\`${name}\` must be a string.`)
  return value
}

function mapOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return none
  if (!isMap(value)) throw new HttpRefusal(400, `\`${name}\` must be an object.`)
  return value
}

function shallow(extensions: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (extensions !== none && isDeeperThan(extensions, extensionsDepth)) {
    throw new HttpRefusal(400, `\`extensions\` may be nested ${extensionsDepth} levels deep.`)
  }
  return extensions
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
