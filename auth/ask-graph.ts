import type { z } from 'zod'
import type { Caller } from '../kit/caller.ts'
import { CodedError } from '../kit/errors.ts'
import type { AskSubgraph } from './directory.ts'

/** What a subgraph refused to do, in words for whoever asked. */
export interface Refusal {
  readonly code: string
  readonly field: readonly string[] | null
  readonly message: string
}

/** A question to one subgraph, and the shape of what its one field answers. */
export interface Question<Shape> {
  readonly subgraph: string
  readonly query: string
  readonly variables?: object
  readonly shape: z.ZodType<Shape>
}

/** Asks a subgraph for one field in somebody's name; null where it answers nothing. Throws when it cannot be asked now. */
export async function askGraph<Shape>(
  ask: AskSubgraph,
  caller: Caller,
  { subgraph, query, variables = {}, shape }: Question<Shape>,
): Promise<Shape | null> {
  const { data, errors } = await ask(subgraph, query, variables, caller)
  if (errors?.length || !data) throw new CodedError('SUBGRAPH_UNAVAILABLE', 'This cannot be looked up now.')
  return shape.nullable().parse(Object.values(data)[0] ?? null)
}
