import { type Document, Int32, Long } from 'bson'
import { modelMatches } from '../query/filter-model.ts'
import { evaluate } from './expression-model.ts'
import { buckets, group } from './group-model.ts'
import { joined, matchesExpression, reached } from './lookup-model.ts'
import { isDocument } from './order.ts'
import { addFields, project, unset } from './project-model.ts'
import { sorted } from './sort-model.ts'
import { spell } from './spell.ts'
import { changeAt, child } from './update-paths.ts'
import { refuse, Refused, Unspecified } from './unspecified.ts'

/** What a pipeline gives, and how its answers are written so that what MongoDB leaves open makes no difference. */
export type Answer = { readonly docs: Document[]; readonly write: (docs: readonly Document[]) => string }

type World = { readonly foreign: readonly Document[]; readonly variables: { readonly [name: string]: unknown } }
type State = Answer & { readonly order: 'known' | 'any' }

const inOrder = (docs: readonly Document[]): string => docs.map(spell).join('\n')
const inAnyOrder = (docs: readonly Document[]): string => docs.map(spell).toSorted().join('\n')

/** Aggregation as the manual tells it, written once more, slowly: one stage after the other over all documents. */
export function modelPipeline(pipeline: readonly Document[], docs: readonly Document[], world: World): Answer {
  let state: State = { docs: [...docs], write: inOrder, order: 'known' }
  for (const [place, stage] of pipeline.entries()) {
    if (state.write !== inOrder && state.write !== inAnyOrder) throw new Unspecified('a set is looked into')
    try {
      state = runStage(stage, state, world)
    } catch (error) {
      // Whether the document that is refused is reached depends on what comes first.
      const needsLess = pipeline.slice(place + 1).some((later) => lazyStages.has(Object.keys(later)[0] as string))
      if (error instanceof Refused && needsLess) throw new Unspecified('a document that may not be reached')
      throw error
    }
  }
  return state
}

const lazyStages = new Set(['$limit', '$match', '$count', '$group', '$sortByCount', '$facet'])

function runStage(stage: Document, state: State, world: World): State {
  const [[name, spec]] = Object.entries(stage) as [[string, unknown]]
  const { docs } = state
  const to = (result: Document[]): State => ({ ...state, docs: result })
  switch (name) {
    case '$match':
      return to(docs.filter((doc) => matches(spec as Document, doc, world)))
    case '$project':
      return to(docs.map((doc) => project(spec as Document, doc)))
    case '$addFields':
    case '$set':
      return to(docs.map((doc) => addFields(spec as Document, doc)))
    case '$unset':
      return to(docs.map((doc) => unset([spec].flat() as string[], doc)))
    case '$replaceRoot':
      return to(docs.map((doc) => newRoot((spec as Document)['newRoot'], doc)))
    case '$replaceWith':
      return to(docs.map((doc) => newRoot(spec, doc)))
    case '$unwind':
      return to(docs.flatMap((doc) => unwind(spec, doc)))
    case '$lookup':
      return to(docs.map((doc) => lookup(spec as Document, doc, world)))
    case '$count':
      return {
        docs: docs.length === 0 ? [] : [{ [spec as string]: new Int32(docs.length) }],
        write: inOrder,
        order: 'known',
      }
    case '$sort':
      return { docs: sorted(spec as Document, docs), write: inOrder, order: 'known' }
    case '$unionWith': {
      const { docs: others } = modelPipeline((spec as Document)['pipeline'] as Document[], world.foreign, world)
      return { docs: [...docs, ...others], write: inAnyOrder, order: 'any' }
    }
    case '$graphLookup': {
      const as = (spec as Document)['as'] as string
      const found = docs.map((doc): Document => ({ ...doc, [as]: reached(spec as Document, doc, world.foreign) }))
      return { ...state, docs: found, write: writeSets([as], state.write) }
    }
    default:
      if (state.order === 'any') throw new Unspecified('the order of groups')
      return runOrdered(name, spec, state, world)
  }
}

/** The stages for which it matters in which order documents come. */
function runOrdered(name: string, spec: unknown, { docs }: State, world: World): State {
  switch (name) {
    case '$limit':
      return { docs: docs.slice(0, Number(spec)), write: inOrder, order: 'known' }
    case '$skip':
      return { docs: docs.slice(Number(spec)), write: inOrder, order: 'known' }
    case '$group':
      return { docs: group(spec as Document, docs), write: writeGroups(spec as Document), order: 'any' }
    case '$bucket':
      return { docs: buckets(spec as Document, docs), write: inOrder, order: 'known' }
    case '$sortByCount':
      return { docs: group({ _id: spec, count: { $sum: new Int32(1) } }, docs), write: inAnyOrder, order: 'any' }
    case '$facet': {
      const answers = Object.entries(spec as { [name: string]: Document[] }).map(
        ([facet, pipeline]) => [facet, modelPipeline(pipeline, docs, world)] as const,
      )
      return {
        docs: [Object.fromEntries(answers.map(([facet, answer]) => [facet, answer.docs]))],
        write: ([doc]) => answers.map(([facet, answer]) => answer.write(doc?.[facet] as Document[])).join('\n\n'),
        order: 'known',
      }
    }
    default:
      throw new Error(`a stage that the model does not know: ${name}`)
  }
}

function writeGroups(spec: Document): State['write'] {
  const sets = Object.keys(spec).filter((field) => isDocument(spec[field]) && '$addToSet' in spec[field])
  return sets.length === 0 ? inAnyOrder : writeSets(sets, inAnyOrder)
}

/** The elements of these fields come in any order. */
function writeSets(sets: readonly string[], write: State['write']): State['write'] {
  return (docs) =>
    write(
      docs.map((doc) => ({
        ...doc,
        ...Object.fromEntries(sets.map((field) => [field, (doc[field] as unknown[]).map(spell).toSorted()])),
      })),
    )
}

function matches(filter: Document, doc: Document, { variables }: World): boolean {
  return '$expr' in filter ? matchesExpression(filter, doc, variables) : modelMatches(doc, filter)
}

function newRoot(expression: unknown, doc: Document): Document {
  const value = evaluate(expression, { ROOT: doc })
  return isDocument(value) ? value : refuse(40228)
}

function unwind(spec: unknown, doc: Document): Document[] {
  const {
    path,
    includeArrayIndex: index,
    preserveNullAndEmptyArrays: preserve = false,
  } = (isDocument(spec) ? spec : { path: spec }) as {
    path: string
    includeArrayIndex?: string
    preserveNullAndEmptyArrays?: boolean
  }
  const names = path.slice(1).split('.')
  const value = names.reduce<unknown>((held, name) => (isDocument(held) ? child(held, name) : undefined), doc)
  const emit = (element: unknown, place: Long | null): Document => {
    const kind = element === undefined ? 'ignores' : 'makes'
    const result = changeAt(doc, names, { kind, of: () => element })
    return index === undefined ? result : { ...result, [index]: place }
  }
  if (Array.isArray(value) && value.length > 0) return value.map((one, place) => emit(one, Long.fromNumber(place)))
  if (!Array.isArray(value) && value !== undefined && value !== null) return [emit(value, null)]
  if (!preserve) return []
  return [emit(value === null ? null : undefined, null)]
}

function lookup(spec: Document, doc: Document, world: World): Document {
  const variables = Object.fromEntries(
    Object.entries((spec['let'] ?? {}) as Document).map(([name, one]) => [name, evaluate(one, { ROOT: doc })]),
  )
  const found = joined(spec, doc, world.foreign)
  const pipeline = (spec['pipeline'] ?? []) as Document[]
  const { docs } = modelPipeline(pipeline, found, { ...world, variables })
  return { ...doc, [spec['as'] as string]: docs }
}
