import type { GraphQLSchema, OperationDefinitionNode } from 'graphql'
import type { CodedError } from '../../kit/errors.ts'
import type { Variables } from '../request.ts'
import { type AnswerWriter, createAnswerWriter } from './answer-writer.ts'
import { projectCarefully } from './careful-projection.ts'
import type { DataObject } from './data.ts'
import { Selection } from './selected-fields.ts'

/**
 * Turns the data that plans have put together into exactly what the operation selected, in its order, as JSON text
 * (`null` when a value that cannot be null is missing up to the root). `plain` says that no string needs an escape.
 */
export type Projection = (
  data: DataObject,
  variables: Variables,
  plain?: boolean,
) => { text: string; errors: readonly CodedError[] }

/** Answers before code is generated: an operation that runs once is not worth it. */
const carefulRuns = 2

/**
 * Compiles the projection of an operation whose fragments are inlined: aliases, type conditions, `@skip`/`@include`,
 * `__typename`, enum values that the API schema does not have, and null propagation. What was not fetched is null.
 */
export function createProjection(apiSchema: GraphQLSchema, operation: OperationDefinitionNode): Projection {
  const rootType = apiSchema.getRootType(operation.operation)
  if (!rootType) throw new Error(`the API schema has no ${operation.operation} type`)
  const selection = new Selection(apiSchema, rootType, [operation.selectionSet])
  const writers: { plain?: AnswerWriter; escaping?: AnswerWriter } = {}
  let runs = 0
  const write: (...args: readonly [...Parameters<AnswerWriter>, boolean]) => string | null = (
    data,
    variables,
    plain,
  ) => {
    if (runs < carefulRuns) {
      runs += 1
      return null
    }
    const writer = plain
      ? (writers.plain ??= createAnswerWriter(selection, true))
      : (writers.escaping ??= createAnswerWriter(selection, false))
    return writer(data, variables)
  }
  return (data, variables, plain = false) => {
    const text = write(data, variables, plain)
    if (text !== null) return { text, errors: [] }
    const projected = projectCarefully(selection, data, variables)
    return { text: JSON.stringify(projected.data), errors: projected.errors }
  }
}
