import { createHash } from 'node:crypto'
import { type DocumentNode, Kind, type OperationDefinitionNode, OperationTypeNode } from 'graphql'
import type { SupergraphSnapshot } from '../../gateway/plan/supergraph-snapshot.ts'
import type { WantedPlanner } from '../../gateway/plan/choose-rust.ts'
import { parseOperation } from '../../gateway/operation/parse-operation.ts'
import { type PrepareOperation, createOperationPreparer } from '../../gateway/pipeline/prepare-operation.ts'
import { systemCaller } from '../../kit/caller.ts'
import type { DocumentTrial, OperationVerdict, TrialDocument, TrialFindings } from '../../kit/document-trial.ts'
import { CodedError } from '../../kit/errors.ts'
import { assumedVariables } from './assumed-variables.ts'
import { narrowGraph, openGraph } from './open-graph.ts'
import { type DocumentPlace, placeOfNode, placeOfPath } from './place-in-document.ts'

const longestMessage = 1_000

type Verdict = Omit<OperationVerdict, 'document' | 'edition'>

/** An operation on one graph: what it costs and what of it is denied, or why it fails. */
type Outcome =
  | {
      readonly cost: number
      readonly uses: readonly string[]
      readonly denied: ReadonlyMap<string, { readonly coordinate: string; readonly place: DocumentPlace }>
    }
  | { readonly failure: NonNullable<OperationVerdict['failure']> }

interface Graph {
  readonly snapshot: SupergraphSnapshot
  readonly prepare: PrepareOperation
}

/**
 * Tries documents as their apps would send them: read, validated, narrowed by policy, costed and planned by the very code
 * that gateways run, on the graph that is served and on the one that would be. Nothing is fetched.
 */
export function tryDocuments(
  { before, after, editions, documents, budgetMs }: DocumentTrial,
  planner: WantedPlanner,
): TrialFindings {
  const until = performance.now() + budgetMs
  const now = graphOf(openGraph(before, planner))
  let then: Graph
  try {
    then = graphOf(openGraph(after, planner))
  } catch (error) {
    return { verdicts: [], tried: 0, refusal: messageOf(error) }
  }
  const pairOf = editionPairs({ before: now, after: then }, editions)
  const known = new Map<string, readonly Omit<OperationVerdict, 'document'>[]>()
  const verdicts: OperationVerdict[] = []
  for (const [index, document] of documents.entries()) {
    if (performance.now() > until) return { verdicts, tried: index, refusal: null }
    // Apps of one vendor send the same documents.
    const key = keyOf(document)
    const found = known.get(key) ?? tryEverywhere(document, { before: now, after: then }, pairOf)
    known.set(key, found)
    verdicts.push(...found.map((verdict) => ({ ...verdict, document: index })))
  }
  return { verdicts, tried: documents.length, refusal: null }
}

function graphOf(snapshot: SupergraphSnapshot): Graph {
  // At that time no brownout was running: they pass, and are no fault of the candidate.
  return { snapshot, prepare: createOperationPreparer(() => new Date(0)).prepare }
}

interface Pair {
  readonly before: Graph
  readonly after: Graph
}

/** The two graphs as a contract or version shows them, made when the first document is tried there. */
function editionPairs(whole: Pair, editions: DocumentTrial['editions'] | undefined): (edition: string) => Pair | null {
  const pairs = new Map<string, Pair | null>()
  const make = (edition: string): Pair | null => {
    const [before, after] = [editions?.before.get(edition), editions?.after.get(edition)]
    if (before === undefined || after === undefined) return null
    return {
      before: graphOf(narrowGraph(whole.before.snapshot, edition, before)),
      after: graphOf(narrowGraph(whole.after.snapshot, edition, after)),
    }
  }
  return (edition) => {
    const known = pairs.get(edition)
    if (known !== undefined) return known
    const made = make(edition)
    pairs.set(edition, made)
    return made
  }
}

/** On the whole graph, and where its app calls besides: there it costs the same, so only what fails there alone is told. */
function tryEverywhere(
  document: TrialDocument,
  whole: Pair,
  pairOf: (edition: string) => Pair | null,
): Omit<OperationVerdict, 'document'>[] {
  const verdicts = tryDocument(document, whole.before, whole.after).map((verdict) => ({ ...verdict, edition: null }))
  const failing = new Set(verdicts.flatMap(({ failure, operationName }) => (failure ? [operationName] : [])))
  const elsewhere = (document.editions ?? []).flatMap((edition) => {
    const pair = pairOf(edition)
    if (pair === null) return []
    return tryDocument(document, pair.before, pair.after)
      .filter(({ failure, operationName }) => failure && !failing.has(operationName))
      .map((verdict) => ({ ...verdict, edition }))
  })
  return [...verdicts, ...elsewhere]
}

function keyOf({ text, scopes, editions = [] }: TrialDocument): string {
  return createHash('sha256')
    .update(JSON.stringify([scopes, editions, text]))
    .digest('base64')
}

/** Of each operation what would be worse; nothing of what does not work now. */
function tryDocument({ text, scopes }: TrialDocument, now: Graph, then: Graph): Verdict[] {
  const read = readDocument(then, text)
  if ('failure' in read) {
    const readNow = readDocument(now, text)
    if ('failure' in readNow) return []
    const worked = operationsOf(readNow.document).map((operation) => runOf(now, readNow.document, operation, scopes))
    const uses = worked.flatMap((outcome) => ('failure' in outcome ? [] : outcome.uses))
    if (worked.every((outcome) => 'failure' in outcome)) return []
    const [only, ...others] = operationsOf(readNow.document)
    const operationName = others.length === 0 ? (only?.name?.value ?? null) : null
    return [{ operationName, failure: read.failure, cost: null, uses: [...new Set(uses)] }]
  }
  return operationsOf(read.document).flatMap((operation): Verdict[] => {
    const after = runOf(then, read.document, operation, scopes)
    if ('failure' in after && 'failure' in readDocument(now, text)) return []
    const before = runOf(now, read.document, operation, scopes, 'failure' in after)
    if ('failure' in before) return []
    const { uses, cost } = before
    const operationName = operation.name?.value ?? null
    const failure = 'failure' in after ? after.failure : newlyDenied(before.denied, after.denied)
    if (failure) return [{ operationName, failure, cost: null, uses }]
    if ('failure' in after || after.cost <= cost) return []
    return [{ operationName, failure: null, cost: { before: cost, after: after.cost }, uses }]
  })
}

function readDocument(
  { snapshot }: Graph,
  text: string,
): { document: DocumentNode } | Extract<Outcome, { failure: unknown }> {
  try {
    return { document: parseOperation(snapshot.apiSchema, text) }
  } catch (error) {
    const [place] = (error instanceof CodedError && error.locations) || []
    const { line, column } = place ?? { line: 1, column: 1 }
    return { failure: { message: messageOf(error), line, column } }
  }
}

function operationsOf(document: DocumentNode): OperationDefinitionNode[] {
  return document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
}

/** What becomes of an operation; planned unless that is known to work. */
function runOf(
  { snapshot, prepare }: Graph,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  scopes: readonly string[],
  plans = true,
): Outcome {
  try {
    const caller = systemCaller(scopes)
    const prepared = prepare(snapshot, document, { operationName: operation.name?.value, caller })
    const assumed = assumedVariables(snapshot.apiSchema, prepared.operation)
    const cost = Math.max(...assumed.map((variables) => prepared.cost.estimate(variables)))
    if (plans && operation.operation === OperationTypeNode.SUBSCRIPTION) prepared.stream()
    else if (plans) for (const variables of assumed) prepared.plan(variables)
    const denied = prepared.denials.map(({ path, coordinate }) => {
      const place = placeOfPath(document, operation, path)
      return [`${path.join('.')} ${coordinate}`, { coordinate, place }] as const
    })
    return { cost, uses: prepared.uses.coordinates, denied: new Map(denied) }
  } catch (error) {
    return { failure: { message: messageOf(error), ...placeOfNode(operation) } }
  }
}

type Denied = Extract<Outcome, { denied: unknown }>['denied']

function newlyDenied(before: Denied, after: Denied): OperationVerdict['failure'] {
  const [first, ...others] = [...after].flatMap(([key, denial]) => (before.has(key) ? [] : [denial]))
  if (first === undefined) return null
  const more = others.length === 0 ? '' : `, and so would ${others.length} more fields`
  const message = `${first.coordinate} would be denied to the app, which lacks a scope that it would ask for${more}.`
  return { message, ...first.place }
}

function messageOf(error: unknown): string {
  if (error instanceof RangeError) return 'The document is nested too deeply.'
  return (error instanceof Error ? error.message : String(error)).slice(0, longestMessage)
}
