import {
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  execute,
  getArgumentValues,
} from 'graphql'
import { conditionOf } from '../operation/condition.ts'
import type { Identity, Variables } from '../request.ts'
import type { LimitReading } from './charge.ts'

/** What `Query.rateLimit` tells of an operation besides the limits; null where it was not reckoned. */
export interface Outlook {
  readonly cost: number | null
  readonly admitted: boolean | null
}

/** The `rateLimit` fields of an operation, which the gateway answers from its own limits. */
export interface RateLimitQuestion {
  /** True when the operation asks for nothing else, so that there is nothing to charge. */
  readonly alone: boolean
  /** True when the operation is only to be reckoned: nothing of it may be run or charged. */
  isDryRun(variables: Variables): boolean
  answer(told: {
    readonly identity: Identity
    readonly readings: readonly LimitReading[]
    readonly outlook: Outlook
    readonly variables: Variables
    readonly now: Date
  }): Promise<Readonly<Record<string, unknown>>>
}

/** Compiles the question once per operation. `part` has nothing but `rateLimit` fields, its fragments are inlined. */
export function createRateLimitQuestion(
  schema: GraphQLSchema,
  operation: {
    readonly part: OperationDefinitionNode
    readonly requested: OperationDefinitionNode | null
    readonly introspection: OperationDefinitionNode | null
  },
): RateLimitQuestion {
  const { part, requested, introspection } = operation
  const definition = schema.getQueryType()?.getFields()['rateLimit']
  if (definition === undefined) throw new Error('no field Query.rateLimit in a validated operation')
  const fields = fieldsOf(part.selectionSet)
  return {
    alone: introspection === null && (requested === null || onlyTypename(requested.selectionSet)),
    isDryRun: (variables) =>
      fields.some(
        ({ node, included }) =>
          included(variables) && getArgumentValues(definition, node, variables)['dryRun'] === true,
      ),
    async answer({ identity, readings, outlook, variables, now }) {
      const answered = await execute({
        schema,
        document: { kind: Kind.DOCUMENT, definitions: [part] },
        variableValues: variables,
        rootValue: {
          rateLimit: {
            planName: identity.limits.planName,
            ...outlook,
            limits: readings.map((reading) => tell(reading, now)),
          },
        },
      })
      return answered.data ?? {}
    },
  }
}

/** GraphQL's Int has 32 bits; a soft quota may have been exceeded by more. */
const mostInt = 2 ** 31 - 1

function tell({ limit, state }: LimitReading, now: Date) {
  return {
    name: limit.name,
    unit: limit.unit,
    limit: Math.min(limit.most, mostInt),
    used: Math.min(Math.ceil(state.used), mostInt),
    remaining: Math.min(state.remaining, mostInt),
    windowSeconds: limit.windowSeconds,
    resetsAt: limit.windowSeconds === null ? null : new Date(now.getTime() + state.resetMs).toISOString(),
  }
}

interface AskedField {
  readonly node: FieldNode
  readonly included: (variables: Variables) => boolean
}

function fieldsOf(set: SelectionSetNode, outer: AskedField['included'] = () => true): AskedField[] {
  return set.selections.flatMap((selection): AskedField[] => {
    const condition = conditionOf(selection.directives)
    const included = (variables: Variables) => outer(variables) && (condition === null || condition(variables))
    if (selection.kind === Kind.FIELD) return [{ node: selection, included }]
    return selection.kind === Kind.INLINE_FRAGMENT ? fieldsOf(selection.selectionSet, included) : []
  })
}

function onlyTypename(set: SelectionSetNode): boolean {
  return fieldsOf(set).every(({ node }) => node.name.value === '__typename')
}
