import type { QueryFilter } from '../plan/query-filter.ts'
import type { Doc } from '../query/bson.ts'
import { compileUpdate, type CompiledUpdate } from '../query/compile-update.ts'

/** What an update statement asks for, of one document or of many. */
export type UpdateRequest = {
  readonly collection: string
  readonly filter: QueryFilter
  readonly sort: Doc
  readonly update: Doc | Doc[]
  readonly arrayFilters?: readonly Doc[]
  readonly hint?: unknown
}

export type PreparedUpdate = CompiledUpdate & { readonly replacing: boolean }

/** Compiles the update of a request. Throws for a malformed one. */
export function prepareUpdate({ filter, update, arrayFilters }: UpdateRequest): PreparedUpdate {
  const compiled = compileUpdate(update, {
    filter: filter.doc,
    ...(arrayFilters === undefined ? {} : { arrayFilters: [...arrayFilters] }),
  })
  return { ...compiled, replacing: isReplacement(update) }
}

/** Whether the update gives the whole document. */
export function isReplacement(update: Doc | Doc[]): boolean {
  return !Array.isArray(update) && !Object.keys(update)[0]?.startsWith('$')
}
