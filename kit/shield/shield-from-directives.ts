import { type GraphQLFieldResolver, type GraphQLSchema, defaultFieldResolver, isObjectType } from 'graphql'
import { type AccessRule, allows, fieldRule, isOpen, ruleKey } from '../access-rule.ts'
import type { Caller } from '../caller.ts'
import { CodedError } from '../errors.ts'
import { guardMark } from './guard-mark.ts'
import { rule as shieldRule, shield } from './load-shield.ts'

/** What a guard needs of a resolver's context. */
export interface GuardedContext {
  readonly caller: Caller
}

/** A schema whose guarded fields read the verdicts that `settle` has had graphql-shield give for a caller. */
export interface GuardedSchema {
  readonly schema: GraphQLSchema
  /** Must be awaited before an operation of this caller is executed; free for a caller seen before. */
  readonly settle: (caller: Caller) => Promise<void>
}

type Verdict = true | Error
type ShieldRule = ReturnType<ReturnType<typeof shieldRule>>
type ShieldMiddleware = (
  resolve: () => true,
  parent: undefined,
  args: Record<string, never>,
  context: GuardedContext,
  info: undefined,
) => Promise<Verdict>
interface GuardedField {
  readonly key: string
  readonly type: string
  readonly field: string
  readonly rule: AccessRule
}

/**
 * Derives graphql-shield's rule tree from `@authenticated` and `@requiresScopes` and guards exactly the fields that
 * have a rule, their `subscribe` phase included (graphql-middleware skips it where `resolve` is defined).
 *
 * A rule's verdict depends only on the caller, who is frozen. So shield decides once per caller and distinct rule,
 * and fields read that verdict synchronously: a list of 1,000 objects x 6 fields would else pay 6,000 promises.
 * The schema is changed in place, which leaves federation's reference resolvers where they are.
 */
export function guardSchema(schema: GraphQLSchema): GuardedSchema {
  const fields = guardedFields(schema)
  const deciders = shieldDeciders(schema, fields)
  const verdictsByCaller = new WeakMap<Caller, Map<string, Verdict>>()

  const verdictOf = (caller: Caller, key: string): Verdict => {
    const verdict = verdictsByCaller.get(caller)?.get(key)
    if (verdict === undefined) throw new Error('a guarded field was reached before its verdicts were settled')
    return verdict
  }
  for (const guarded of fields) {
    const type = schema.getType(guarded.type)
    const field = isObjectType(type) ? type.getFields()[guarded.field] : undefined
    if (field === undefined) throw new Error(`no field ${guarded.type}.${guarded.field}`)
    const guard = (resolve: GraphQLFieldResolver<unknown, GuardedContext>) => {
      const shielded: GraphQLFieldResolver<unknown, GuardedContext> = (parent, args, context, info) => {
        const verdict = verdictOf(context.caller, guarded.key)
        if (verdict !== true) throw verdict
        return resolve(parent, args, context, info)
      }
      return guardMark.set(shielded, 'shield', resolve)
    }
    if (field.subscribe) field.subscribe = guard(field.subscribe)
    field.resolve = guard(field.resolve ?? defaultFieldResolver)
  }
  return {
    schema,
    settle: async (caller) => {
      if (verdictsByCaller.has(caller)) return
      const verdicts = new Map<string, Verdict>()
      for (const [key, decide] of deciders) verdicts.set(key, await decide(caller))
      verdictsByCaller.set(caller, verdicts)
    },
  }
}

function guardedFields(schema: GraphQLSchema): GuardedField[] {
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    !isObjectType(type) || type.name.startsWith('__')
      ? []
      : Object.keys(type.getFields()).flatMap((field) => {
          const rule = fieldRule(schema, type, field)
          return isOpen(rule) ? [] : [{ key: ruleKey(rule), type: type.name, field, rule }]
        }),
  )
}

/** One decision function per distinct rule: shield's own middleware of the first field that has the rule. */
function shieldDeciders(
  schema: GraphQLSchema,
  fields: readonly GuardedField[],
): Map<string, (caller: Caller) => Promise<Verdict>> {
  const rules = new Map<string, ShieldRule>()
  const tree: Record<string, Record<string, ShieldRule>> = {}
  for (const { key, type, field, rule } of fields) {
    const known = rules.get(key) ?? toShieldRule(rule)
    rules.set(key, known)
    ;(tree[type] ??= {})[field] = known
  }
  if (fields.length === 0) return new Map()
  const generator = shield(tree, { allowExternalErrors: true }) as unknown as {
    generate(schema: GraphQLSchema): Record<string, Record<string, ShieldMiddleware>>
  }
  const middleware = generator.generate(schema)
  return new Map(
    fields
      .filter(({ key }, index) => fields.findIndex((other) => other.key === key) === index)
      .map(({ key, type, field }) => {
        const decide = middleware[type]?.[field]
        if (decide === undefined) throw new Error(`graphql-shield made no guard for ${type}.${field}`)
        // A context of its own per decision, because shield caches decisions on it.
        return [key, (caller) => decide(() => true, undefined, {}, { caller }, undefined)]
      }),
  )
}

function toShieldRule(rule: AccessRule): ShieldRule {
  return shieldRule(ruleKey(rule), { cache: 'no_cache' })(
    (_parent: unknown, _args: unknown, context: GuardedContext) => allows(rule, context.caller) || denial(rule),
  )
}

function denial(rule: AccessRule): CodedError {
  return new CodedError('FORBIDDEN', 'Your app lacks a scope that this field requires.', {
    requiredScopes: rule.scopes,
  })
}
