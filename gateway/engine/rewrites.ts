import type { FetchDataRewrite } from '@apollo/query-planner/dist/QueryPlan.js'
import type { GraphQLSchema } from 'graphql'
import { isObject } from './data.ts'
import { matchesType } from './representation.ts'

/** Applies the planner's rewrites to representations before a fetch, or to its answer after it, in place. */
export function applyRewrites(
  schema: GraphQLSchema,
  rewrites: readonly FetchDataRewrite[] | undefined,
  values: readonly unknown[],
): void {
  for (const rewrite of rewrites ?? []) for (const value of values) applyRewrite(schema, rewrite, value, 0)
}

function applyRewrite(schema: GraphQLSchema, rewrite: FetchDataRewrite, value: unknown, depth: number): void {
  if (Array.isArray(value)) {
    for (const item of value) applyRewrite(schema, rewrite, item, depth)
    return
  }
  if (!isObject(value)) return
  const key = rewrite.path[depth]
  if (key === undefined) return
  if (key.startsWith('... on ')) {
    const condition = key.slice('... on '.length)
    if (matchesType(schema, condition, value['__typename'])) applyRewrite(schema, rewrite, value, depth + 1)
    return
  }
  if (depth < rewrite.path.length - 1) {
    applyRewrite(schema, rewrite, value[key], depth + 1)
    return
  }
  if (rewrite.kind === 'ValueSetter') value[key] = rewrite.setValueTo as unknown
  else if (key in value) {
    value[rewrite.renameKeyTo] = value[key]
    delete value[key]
  }
}
