import type { Doc } from '../bson.ts'
import { encodeKey } from '../encode-key.ts'
import { compileAnyAt } from '../field-path.ts'

/** Finds the documents that have a given value at a path, as a filter for equality would. */
export class JoinIndex {
  private readonly docs: readonly Doc[]
  private readonly places = new Map<string, number[]>()
  private readonly localReaders = new Map<string, (doc: Doc) => unknown[]>()

  constructor(docs: readonly Doc[], path: string) {
    this.docs = docs
    const read = valuesReader(path)
    for (const [place, doc] of docs.entries()) {
      for (const key of new Set(read(doc).map(keyOf))) {
        const places = this.places.get(key)
        if (places === undefined) this.places.set(key, [place])
        else places.push(place)
      }
    }
  }

  /** The documents whose values meet those of another document at its path, in their order. */
  matching(doc: Doc, path: string): Doc[] {
    let read = this.localReaders.get(path)
    if (read === undefined) {
      read = valuesReader(path)
      this.localReaders.set(path, read)
    }
    const values = read(doc)
    // The elements of an array are joined, not the array; nothing at all counts as null.
    const elements = values.filter((value) => !Array.isArray(value))
    const keys = new Set((elements.length === 0 ? [null] : elements).map(keyOf))
    const places = new Set([...keys].flatMap((key) => this.places.get(key) ?? []))
    return [...places].toSorted((a, b) => a - b).map((place) => this.docs[place] as Doc)
  }
}

function keyOf(value: unknown): string {
  return encodeKey([value], [1]).toString('latin1')
}

/** All values that a filter on the path would test. */
function valuesReader(path: string): (doc: Doc) => unknown[] {
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
