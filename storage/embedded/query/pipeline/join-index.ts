import type { Doc } from '../bson.ts'
import { encodeKey } from '../encode-key.ts'
import { arrayIndex, compileAnyAt, fieldOf, splitPath } from '../field-path.ts'
import { isDoc } from '../value-type.ts'

/** Finds the documents that have a given value at a path, as a filter for equality would. */
export class JoinIndex {
  private readonly docs: readonly Doc[]
  private readonly places = new Map<string, number[]>()

  constructor(docs: readonly Doc[], path: string) {
    this.docs = docs
    const read = foreignReader(path)
    for (const [place, doc] of docs.entries()) {
      for (const key of keysOf(read(doc))) {
        const places = this.places.get(key)
        if (places === undefined) this.places.set(key, [place])
        else places.push(place)
      }
    }
  }

  /** The documents whose values meet those of another document at its path, in their order. */
  matching(doc: Doc, path: string): Doc[] {
    const values = localValues(doc, path)
    return this.having(values.length === 0 ? [null] : values)
  }

  /** The documents that have one of these values, in their order. */
  having(values: readonly unknown[]): Doc[] {
    const places = new Set([...keysOf(values)].flatMap((key) => this.places.get(key) ?? []))
    return [...places].toSorted((a, b) => a - b).map((place) => this.docs[place] as Doc)
  }
}

/** The values at a path that are joined: an array stands for its elements. */
export function localValues(doc: Doc, path: string): unknown[] {
  const values: unknown[] = []
  addLocalValues(values, doc, splitPath(path))
  return values
}

/** On both sides no value at all counts as null. */
function keysOf(values: readonly unknown[]): Set<string> {
  return new Set((values.length === 0 ? [null] : values).map((value) => encodeKey([value], [1]).toString('latin1')))
}

/** All values that a filter on the path would test: an array's elements and the array. */
function foreignReader(path: string): (doc: Doc) => unknown[] {
  let values: unknown[] = []
  const visit = compileAnyAt(path, 'traverse', (value) => {
    values.push(value)
    return false
  })
  return (doc) => {
    values = []
    visit(doc)
    return values
  }
}

/** The values that are joined: an array stands for its elements alone, what is missing in some places is left out. */
function addLocalValues(values: unknown[], value: unknown, [part, ...rest]: readonly string[]): void {
  if (part === undefined) {
    if (Array.isArray(value)) for (const element of value as unknown[]) values.push(element)
    else if (value !== undefined) values.push(value)
  } else if (isDoc(value)) {
    addLocalValues(values, fieldOf(value, part), rest)
  } else if (Array.isArray(value)) {
    for (const element of value as unknown[]) if (isDoc(element)) addLocalValues(values, element, [part, ...rest])
    const indexed: unknown = value[arrayIndex(part)]
    if (indexed !== undefined) addLocalValues(values, indexed, rest)
  }
}
