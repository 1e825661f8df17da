import type { GraphQLSchema } from 'graphql'
import type { Rewrite } from '../operation/query-plan.ts'
import { isObject } from './data.ts'
import { possibleTypes } from './possible-types.ts'

/** Changes representations before they are sent, or what a subgraph answered, in place. */
export type Rewriter = (values: readonly unknown[]) => void

type Step = string | ReadonlySet<string>

/** Compiles the planner's rewrites; null when there are none. */
export function createRewriter(schema: GraphQLSchema, rewrites: readonly Rewrite[]): Rewriter | null {
  if (rewrites.length === 0) return null
  const compiled = rewrites.map((rewrite) => ({
    rewrite,
    steps: rewrite.path.map((step): Step => (typeof step === 'string' ? step : possibleTypes(schema, step.types))),
  }))
  return (values) => {
    for (const { rewrite, steps } of compiled) for (const value of values) apply(rewrite, steps, value, 0)
  }
}

function apply(rewrite: Rewrite, steps: readonly Step[], value: unknown, depth: number): void {
  if (Array.isArray(value)) {
    for (const item of value) apply(rewrite, steps, item, depth)
    return
  }
  if (!isObject(value)) return
  const step = steps[depth]
  if (step === undefined) return
  if (typeof step !== 'string') {
    if (step.has(String(value['__typename']))) apply(rewrite, steps, value, depth + 1)
    return
  }
  if (depth < steps.length - 1) {
    apply(rewrite, steps, value[step], depth + 1)
    return
  }
  if (rewrite.kind === 'set') value[step] = rewrite.value
  else if (Object.hasOwn(value, step)) {
    value[rewrite.to] = value[step]
    delete value[step]
  }
}
