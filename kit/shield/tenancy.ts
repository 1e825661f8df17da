import type { GraphQLObjectType } from 'graphql'
import { readDirectives } from '../access-rule.ts'
import type { Caller } from '../caller.ts'

/** What the `@tenancy` of a type says. */
export type Tenancy =
  | { readonly kind: 'platform' | 'reference' }
  | {
      readonly kind: 'partner'
      readonly owner: readonly string[]
      readonly shared: readonly { readonly field: string; readonly value: string }[]
    }

/** Reads `@tenancy`; null without it. Throws where it says nothing, or two things. */
export function tenancyOf(type: GraphQLObjectType): Tenancy | null {
  const marks = [type.astNode, ...type.extensionASTNodes]
    .flatMap((node) => readDirectives(node?.directives))
    .filter(({ name }) => name === 'tenancy')
  const [mark] = marks
  if (mark === undefined) return null
  const owner = texts(mark.arguments['owner'])
  const kinds = [
    ...(owner.length > 0 ? ['partner' as const] : []),
    ...(mark.arguments['platform'] === true ? ['platform' as const] : []),
    ...(mark.arguments['reference'] === true ? ['reference' as const] : []),
  ]
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1 || marks.length > 1) {
    throw new Error(`@tenancy of ${type.name} must have one of owner, platform and reference`)
  }
  if (kind !== 'partner') return { kind }
  const shared = texts(mark.arguments['shared']).map((condition) => {
    const [field = '', value = ''] = condition.split('=')
    return { field, value }
  })
  return { kind, owner, shared }
}

/** Whether a caller may be answered a document of a type: the platform all, a partner its own and what is shared. */
export function isVisibleTo(caller: Caller, tenancy: Tenancy, document: object): boolean {
  if (tenancy.kind !== 'partner' || caller.operator) return true
  return (
    tenancy.owner.some((field) => read(document, field) === caller.organizationId) ||
    tenancy.shared.some(({ field, value }) => (read(document, field) ?? 'null') === value)
  )
}

/** Documents have `_id` where the graph has `id`. */
function read(document: object, field: string): unknown {
  const values = document as Readonly<Record<string, unknown>>
  return field === 'id' ? (values['id'] ?? values['_id']) : values[field]
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
