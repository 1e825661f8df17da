import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql'
import { CodedError } from '../../kit/errors.ts'
import { isDefer } from './deferred-fragments.ts'

/** What one operation may have at most; all are far above what a page of a portal needs. */
export const operationLimits = {
  /** Lexical tokens of the document. */
  tokens: 5_000,
  /** Nested selection sets, fragments included. GraphiQL's introspection query has 14. */
  depth: 20,
  aliases: 60,
  /** Fields of the operation's root, fragments included. */
  rootFields: 30,
  directives: 60,
  /** Fragments with `@defer`, those in fragments counted where they are spread: each is planned and answered by itself. */
  deferred: 20,
  /** Fields after fragments are put where they are spread; validation compares those of one name in pairs. */
  fields: 1_000,
} as const

type CountedLimit = Exclude<keyof typeof operationLimits, 'tokens'>

/**
 * Refuses an operation that would cost the gateway itself too much. Fragments are measured once and their sizes
 * multiplied, so a chain of fragments that would expand 2^26-fold is refused in the time it takes to read it.
 */
export function checkOperationLimits(document: DocumentNode, operation: OperationDefinitionNode): void {
  const size = measure(operation.selectionSet, fragmentsOf(document), new Map())
  enforce('depth', size.depth)
  enforce('rootFields', size.rootFields)
  enforce('fields', size.fields)
  enforce('deferred', size.deferred)
  let aliases = 0
  let directives = 0
  visit(document, {
    Field: ({ alias }) => {
      if (alias) aliases++
      // As a key of a JavaScript object it would not be data.
      if (alias?.value === '__proto__') {
        throw new CodedError('GRAPHQL_VALIDATION_FAILED', 'The alias __proto__ cannot be used; choose another.')
      }
    },
    Directive: () => {
      directives++
    },
  })
  enforce('aliases', aliases)
  enforce('directives', directives)
}

/**
 * Refuses a document whose operations have more fields than one may, all together; those of fragments count where they
 * are spread. The document need not be valid: a cycle counts once, what is not defined not at all.
 */
export function checkDocumentSize(document: DocumentNode): void {
  const fragments = fragmentsOf(document)
  const measured = new Map<string, Size>()
  let fields = 0
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      fields += measure(definition.selectionSet, fragments, measured).fields
      enforce('fields', fields)
    }
  }
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  )
}

function enforce(limit: CountedLimit, actual: number): void {
  if (actual <= operationLimits[limit]) return
  throw new CodedError(
    'OPERATION_TOO_COMPLEX',
    `The operation has more than ${operationLimits[limit]} ${descriptions[limit]}; ask for less or split it.`,
    { limit, maximum: operationLimits[limit] },
  )
}

const descriptions: Record<CountedLimit, string> = {
  depth: 'levels of nesting',
  aliases: 'aliases',
  rootFields: 'root fields',
  directives: 'directives',
  deferred: 'deferred fragments',
  fields: 'fields',
}

interface Size {
  readonly depth: number
  readonly fields: number
  /** Fields of this selection set itself, with those that fragments spread into it. */
  readonly rootFields: number
  readonly deferred: number
}

const none: Size = { depth: 0, fields: 0, rootFields: 0, deferred: 0 }

function measure(
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  measured: Map<string, Size>,
): Size {
  let depth = 0
  let fields = 0
  let rootFields = 0
  let deferred = 0
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) {
      const inner = selection.selectionSet ? measure(selection.selectionSet, fragments, measured) : null
      depth = Math.max(depth, 1 + (inner?.depth ?? 0))
      fields += 1 + (inner?.fields ?? 0)
      rootFields += 1
      deferred += inner?.deferred ?? 0
      continue
    }
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? measure(selection.selectionSet, fragments, measured)
        : measureFragment(selection.name.value, fragments, measured)
    depth = Math.max(depth, inner.depth)
    fields += inner.fields
    rootFields += inner.rootFields
    deferred += inner.deferred + (selection.directives?.some(isDefer) ? 1 : 0)
  }
  return { depth, fields, rootFields, deferred }
}

function measureFragment(
  name: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  measured: Map<string, Size>,
): Size {
  const known = measured.get(name)
  if (known) return known
  const fragment = fragments.get(name)
  // Validation tells of a fragment that is not there, and of one that spreads itself.
  if (fragment === undefined) return none
  measured.set(name, none)
  const size = measure(fragment.selectionSet, fragments, measured)
  measured.set(name, size)
  return size
}
