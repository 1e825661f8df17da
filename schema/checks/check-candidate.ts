import { type DocumentNode, GraphQLError, parse, printSchema } from 'graphql'
import type { Candidate, CandidateFindings, ComposedTexts, SchemaProblem } from '../../kit/schema-workshop.ts'
import { CompositionError, type ComposedService, composeSupergraph } from '../../subgraphs/compose.ts'
import { compareGraphs } from './compare-graphs.ts'
import { compositionProblems } from './composition-problems.ts'
import { checkContracts } from './contracts.ts'
import { conventionProblems } from './conventions.ts'
import { coverageProblems, unknownScopeProblems } from './coverage.ts'
import { readDeclaredEventTypes, unreadableTypes } from './declared-event-types.ts'
import { readDeclaredScopes } from './declared-scopes.ts'
import { beginning, placeOf, placeOfError } from './locate.ts'
import { readSdl } from './read-sdl.ts'

/** Problems of one text beyond this are no news to its author. */
const mostProblems = 200

/** All that texts alone say of a candidate: whether it composes, what it lacks, and what it changes for clients. */
export async function checkCandidate({ services, changed, before, contracts }: Candidate): Promise<CandidateFindings> {
  const candidate = services.find(({ name }) => name === changed)
  let document: DocumentNode | null = null
  if (candidate) {
    const read = readSdl(candidate.sdl, candidate.name)
    if (!('document' in read)) return refused(problemOf(candidate.name, read.rule, read.message, read.place))
    document = read.document
  }
  const blamed = candidate?.name ?? services[0]?.name ?? ''
  const composed = tryCompose(services, blamed, document)
  if (Array.isArray(composed)) return refused(...composed)
  const compared = await compareGraphs(before, composed)
  const whole = compared.map((change) =>
    change.access ? { ...change, place: placeOf(document, change.coordinate) } : change,
  )
  const others = services
    .filter(({ name }) => name !== changed)
    .map(({ name, sdl }) => ({ name, document: parse(sdl, { noLocation: true }) }))
  const scopes = document === null ? [] : readDeclaredScopes(document)
  const declaredByOthers = others.flatMap((other) => readDeclaredScopes(other.document))
  const declared = new Set([...scopes, ...declaredByOthers].map(({ name }) => name))
  const candidateGraph = { ...composed, before: before.apiSdl, changes: whole, subgraph: blamed, document }
  const ofContracts = contracts ? await checkContracts(candidateGraph, contracts) : { problems: [], changes: whole }
  const problems = [
    ...ofContracts.problems,
    ...(document === null ? [] : houseProblems(document, { subgraph: blamed, declared })),
    // What another one asks for may have been this one's.
    ...others.flatMap(({ name, document: other }) => [
      ...unknownScopeProblems(other, { subgraph: name, declared }),
      ...unreadableTypes(other, { subgraph: name, declared }),
    ]),
  ]
  const eventTypes = document === null ? [] : readDeclaredEventTypes(document)
  return { problems: problems.slice(0, mostProblems), changes: ofContracts.changes, composed, scopes, eventTypes }
}

/** Composes what fits; throws CompositionError when it does not. */
export function composeTexts(services: readonly ComposedService[]): ComposedTexts {
  const { supergraphSdl, hints, api } = composeSupergraph(services)
  return { supergraphSdl, apiSdl: printSchema(api()), hints }
}

function tryCompose(
  services: readonly ComposedService[],
  changed: string,
  document: DocumentNode | null,
): ComposedTexts | SchemaProblem[] {
  try {
    return composeTexts(services)
  } catch (error) {
    if (error instanceof CompositionError && error.errors.length > 0) {
      const documents = new Map(
        services.map(({ name, sdl }) => [name, name === changed && document ? document : parse(sdl)]),
      )
      return compositionProblems(error.errors, { changed, documents })
    }
    // Composition meets texts here that nobody wrote for it; whatever it throws is said of the text.
    const place = error instanceof GraphQLError ? placeOfError(error) : beginning
    return [problemOf(changed, 'COMPOSITION', reasonOf(error), place)]
  }
}

function houseProblems(
  document: DocumentNode,
  { subgraph: name, declared }: { readonly subgraph: string; readonly declared: ReadonlySet<string> },
): SchemaProblem[] {
  try {
    const found = [...coverageProblems(document, { subgraph: name, declared }), ...conventionProblems(document, name)]
    return found.toSorted((a, b) => Number(a.severity === 'WARNING') - Number(b.severity === 'WARNING'))
  } catch (error) {
    const place = error instanceof GraphQLError ? placeOfError(error) : beginning
    return [problemOf(name, 'COMPOSITION', reasonOf(error), place)]
  }
}

function refused(...problems: readonly SchemaProblem[]): CandidateFindings {
  return { problems, changes: [], composed: null, scopes: [], eventTypes: [] }
}

/** An error of a text that has one place. */
export function problemOf(
  subgraph: string,
  rule: string,
  message: string,
  place: { readonly line: number; readonly column: number } = beginning,
): SchemaProblem {
  const { line, column } = place
  return { severity: 'ERROR', rule, message, subgraph, coordinate: null, line, column, hint: null, query: null }
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'The SDL is nested too deeply, or refers to itself without an end.'
  return error instanceof Error ? error.message.slice(0, 4_000) : String(error)
}
