import { CommandError } from '../errors.ts'
import type { Doc } from '../query/bson.ts'
import { isDoc, isNumber } from '../query/value-type.ts'

/** Reads the fields of a command, with MongoDB's errors for those of a wrong type. */
export function docArgument(body: Doc, name: string): Doc
export function docArgument(body: Doc, name: string, fallback: Doc): Doc
export function docArgument(body: Doc, name: string, fallback?: Doc): Doc {
  const value = body[name] ?? fallback
  if (isDoc(value)) return value
  throw wrongType(name, 'object')
}

export function textArgument(body: Doc, name: string): string {
  const value = body[name]
  if (typeof value === 'string') return value
  throw wrongType(name, 'string')
}

export function numberArgument(body: Doc, name: string, fallback: number): number {
  const value = body[name] ?? fallback
  if (!isNumber(value)) throw wrongType(name, 'number')
  const number = Number(value)
  if (!Number.isFinite(number)) throw new CommandError('BadValue', `${name} must be a finite number`)
  return Math.trunc(number)
}

/** For counts, which MongoDB refuses below 0. */
export function countArgument(body: Doc, name: string, fallback: number): number {
  const number = numberArgument(body, name, fallback)
  if (number < 0) throw new CommandError('BadValue', `${name} must be 0 or more, not ${number}`)
  return number
}

export function flagArgument(body: Doc, name: string, fallback = false): boolean {
  const value = body[name] ?? fallback
  if (typeof value === 'boolean') return value
  if (isNumber(value)) return Number(value) !== 0
  throw wrongType(name, 'bool')
}

export function listArgument(body: Doc, name: string): unknown[] {
  const value = body[name]
  if (Array.isArray(value)) return value
  throw wrongType(name, 'array')
}

export function docsArgument(body: Doc, name: string): Doc[] {
  const list = listArgument(body, name)
  for (const element of list) if (!isDoc(element)) throw wrongType(name, 'array of objects')
  return list as Doc[]
}

/** The collection that the command's first field names. */
export function collectionArgument(body: Doc, command: string): string {
  const value = body[command]
  if (typeof value !== 'string')
    throw new CommandError('InvalidNamespace', `collection name has invalid type for ${command}`)
  if (value === '')
    throw new CommandError('InvalidNamespace', 'Invalid namespace specified: the collection name is empty')
  return value
}

/** The index that a statement is to use, if it names one. */
export function hintArgument({ hint }: Doc): { hint?: unknown } {
  return hint === undefined ? {} : { hint }
}

function wrongType(name: string, type: string): CommandError {
  return new CommandError('TypeMismatch', `BSON field '${name}' is the wrong type, expected type '${type}'`)
}
