import { EJSON } from 'bson'
import { CommandError } from '../../../storage/embedded/errors.ts'
import { type Doc, readDoc, writeDoc } from '../../../storage/embedded/query/bson.ts'

/** A document as the database would read it from a client: JavaScript numbers become Int32 or Double. */
export function doc(fields: object): Doc {
  return readDoc(writeDoc({ ...fields }))
}

/** A value as the database would read it. */
export function value(plain: unknown): unknown {
  return doc({ value: plain }).value
}

/** Values and documents with their types spelled out, in the order of their fields. */
export function spelled(typed: unknown): string {
  return EJSON.stringify({ value: typed }, { relaxed: false })
}

/** The code of the error that a function throws, or undefined. */
export function codeOf(act: () => unknown): number | undefined {
  try {
    act()
  } catch (error) {
    if (error instanceof CommandError) return error.code
    throw error
  }
  return undefined
}

/** The sign of a comparison; never -0, which tests would take for another number than 0. */
export function signOf(order: number): number {
  return Math.sign(order) + 0
}

/** All documents of a source. */
export async function all(source: AsyncIterable<Doc>): Promise<Doc[]> {
  const docs: Doc[] = []
  for await (const one of source) docs.push(one)
  return docs
}

/** Documents as a source. */
export async function* sourceOf(docs: readonly Doc[]): AsyncIterable<Doc> {
  yield* docs
}
