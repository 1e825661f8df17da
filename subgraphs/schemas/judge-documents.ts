import type { DocumentTrial, OperationVerdict } from '../../kit/document-trial.ts'
import type { GraphTexts, SchemaChange, SchemaProblem } from '../../kit/schema-workshop.ts'
import { isAccepted } from './judge-changes.ts'
import type { SchemasContext } from './schemas-context.ts'
import { DocumentsUnknown, type TriedApp, type TrustedDocuments } from './trusted-documents.ts'
import { tryInParts } from './try-in-parts.ts'
import { describeApp } from './using-app.ts'

/** A problem with the app whose documents it is about, where it is about any. */
export interface JudgedProblem extends SchemaProblem {
  readonly app?: Omit<TriedApp, 'scopes' | 'paths' | 'costLimit'>
  readonly documents?: readonly ProblemDocument[]
}

/** A document that would fail or become dearer. Costs are points by the estimate. */
export interface ProblemDocument {
  readonly documentId: string
  readonly operationName: string | null
  /** Where it would fail alone; null for the whole graph, and absent in checks of before documents were tried there. */
  readonly contract?: string | null
  /** In the document; null for what is about its cost. */
  readonly line: number | null
  readonly column: number | null
  readonly costBefore: number | null
  readonly costAfter: number | null
  readonly costLimit: number | null
}

const budgetMs = 3_000
/** An operation may take ten seconds, and checks have taken some of them. */
const longestMs = 7_000
const mostTold = 20
/** What is worth a warning: half as much again, and more than a few points. */
const growth = { factor: 1.5, points: 10 }

interface Options {
  readonly subgraph: string
  readonly acceptBreaking: readonly string[]
  readonly before: GraphTexts
  /** Null for a candidate that does not compose. */
  readonly after: GraphTexts | null
  /** The schemas of contracts and versions that answer, of both graphs; asked for where an app calls on their paths. */
  readonly editions: (after: GraphTexts) => Promise<NonNullable<DocumentTrial['editions']>>
  /** All that changes for clients. */
  readonly changes: readonly SchemaChange[]
}

/** Tries the documents that apps have published: what works now must work then, for no more than the app's plan allows. */
export async function judgeDocuments(
  { models }: Pick<SchemasContext, 'models'>,
  trusted: TrustedDocuments | DocumentsUnknown,
  { subgraph, acceptBreaking, before, after, changes, editions }: Options,
): Promise<JudgedProblem[]> {
  if (after === null) return []
  const problem = problemIn(subgraph)
  const breaking = changes.filter(({ criticality }) => criticality === 'BREAKING')
  if (trusted instanceof DocumentsUnknown) {
    const unread = `Trusted documents were not tried. ${trusted.message}`
    return breaking.every((change) => isAccepted(change, acceptBreaking))
      ? [problem('WARNING', 'TRUSTED_DOCUMENT', unread, unknownHint)]
      : [problem('ERROR', 'USAGE_UNKNOWN', unread, unknownHint)]
  }
  const { documents, left } = trusted
  const calledElsewhere = documents.some(({ app }) => app.paths.length > 0)
  const schemas = calledElsewhere
    ? await editions(after).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    : null
  const trial = {
    before,
    after,
    ...(schemas === null || schemas instanceof Error ? {} : { editions: schemas }),
    documents: documents.map(({ text, app }) => ({ text, scopes: app.scopes ?? [], editions: app.paths })),
    budgetMs,
  }
  const { verdicts, untried, reason, refusal } = await tryInParts(
    models.office().workshop,
    trial,
    performance.now() + longestMs,
  )
  if (refusal !== null) {
    return [problem('ERROR', 'TRUSTED_DOCUMENT', `Gateways could not serve this graph. ${refusal}`, null)]
  }
  const groups = new Map<string, Group>()
  for (const verdict of verdicts) {
    const document = documents[verdict.document]
    if (!document) continue
    const { app, documentId } = document
    const told = toldOf(verdict, documentId, app)
    if (told === null) continue
    const accepted = isNamed(acceptBreaking, documentId, app.appId) || isForeseen(verdict, breaking, acceptBreaking)
    const severity = told.severity === 'ERROR' && !accepted ? 'ERROR' : 'WARNING'
    const { edition } = verdict
    const key = JSON.stringify([app.appId, edition, severity, told.severity, told.rule, verdict.failure?.message])
    const reasonOfFailure = verdict.failure?.message
    const beyond = told.severity === 'ERROR'
    const group = groups.get(key) ?? {
      rule: told.rule,
      severity,
      beyond,
      app,
      edition,
      reason: reasonOfFailure,
      found: [],
    }
    groups.set(key, group)
    group.found.push(told.document)
  }
  const judged: JudgedProblem[] = [...groups.values()].map((group) => describeGroup(group, problem))
  if (schemas instanceof Error) {
    const message = `Trusted documents were tried on the whole graph alone: ${schemas.message}`
    judged.push(problem('WARNING', 'TRUSTED_DOCUMENT', message, null))
  }
  const missed = untried + left
  if (missed > 0) {
    const why = reason === null ? 'there are more than are looked at' : reason
    const message = `${missed} of ${documents.length + left} trusted documents were not tried: ${why}.`
    judged.push(problem('WARNING', 'TRUSTED_DOCUMENT', message, null))
  }
  return judged.toSorted((a, b) => Number(a.severity === 'WARNING') - Number(b.severity === 'WARNING'))
}

interface Group {
  readonly severity: 'ERROR' | 'WARNING'
  readonly rule: 'TRUSTED_DOCUMENT' | 'OPERATION_COST'
  /** Whether it would stop the candidate; a warning all the same where that was accepted. */
  readonly beyond: boolean
  readonly app: TriedApp
  readonly edition: string | null
  /** Why they would fail; undefined where they would only cost more. */
  readonly reason: string | undefined
  readonly found: ProblemDocument[]
}

/** What is told of an operation; null when nothing is. */
function toldOf(
  { operationName, edition, failure, cost }: OperationVerdict,
  documentId: string,
  { costLimit }: TriedApp,
): (Pick<Group, 'severity' | 'rule'> & { readonly document: ProblemDocument }) | null {
  const [line, column] = [failure?.line ?? null, failure?.column ?? null]
  const costs = { costBefore: cost?.before ?? null, costAfter: cost?.after ?? null, costLimit }
  const document = { documentId, operationName, contract: edition, line, column, ...costs }
  if (failure) return { severity: 'ERROR', rule: 'TRUSTED_DOCUMENT', document }
  if (!cost) return null
  const { before, after } = cost
  if (costLimit !== null && before <= costLimit && after > costLimit) {
    return { severity: 'ERROR', rule: 'OPERATION_COST', document }
  }
  const much = after >= growth.factor * before && after - before >= growth.points
  return much ? { severity: 'WARNING', rule: 'OPERATION_COST', document } : null
}

/** Documents and apps are accepted by their ids. */
function isNamed(accepted: readonly string[], ...names: readonly string[]): boolean {
  return names.some((name) => accepted.includes(name))
}

/** It fails, and asks for what is accepted to break, and for nothing else that would break. */
function isForeseen(
  { failure, uses, edition }: OperationVerdict,
  breaking: readonly SchemaChange[],
  accepted: readonly string[],
) {
  if (!failure) return false
  const used = new Set(uses)
  const met = breaking.filter(
    ({ usedBy, noticedIn }) =>
      (noticedIn === undefined || noticedIn.includes(edition)) && usedBy.some((coordinate) => used.has(coordinate)),
  )
  return met.length > 0 && met.every((change) => isAccepted(change, accepted))
}

function describeGroup(
  { severity, rule, beyond, app, edition, reason, found }: Group,
  problem: ReturnType<typeof problemIn>,
) {
  const [first] = found
  if (!first) throw new Error('a problem of no document')
  const { scopes: _scopes, paths: _paths, costLimit, ...owner } = app
  // Warnings are stored, and people's addresses are not.
  const who = describeApp(severity === 'ERROR' ? app : { ...app, contacts: [] })
  const count = found.length === 1 ? 'A trusted document' : `${found.length} trusted documents`
  const name = `${first.documentId}${first.operationName === null ? '' : ` (${first.operationName})`}`
  const more = found.length === 1 ? '' : ', the first of them'
  const message =
    reason === undefined
      ? `${count} of ${who} would cost ${beyond ? 'more than the plan allows' : 'much more'}: ${name}${more} ${first.costBefore} points now and ${first.costAfter} then${costLimit === null ? '' : `, of at most ${costLimit}`}.`
      : `${count} of ${who} would fail${edition === null ? '' : ` on the path of ${edition}`}: ${name}${more}, at ${first.line}:${first.column}: ${reason}`
  const people = app.contacts.map(({ email }) => email).join(', ') || 'its owner'
  const hint =
    severity === 'ERROR'
      ? `Keep what is asked for until the app has published another document; talk to ${people}; or accept it by the id of the document or of the app (${app.appId}) in acceptBreaking.`
      : beyond
        ? 'It was accepted in acceptBreaking.'
        : null
  return { ...problem(severity, rule, message, hint), app: owner, documents: found.slice(0, mostTold) }
}

const unknownHint = 'Publish with an app that has apps:read, partner:read and billing:read.'

function problemIn(subgraph: string) {
  return (severity: SchemaProblem['severity'], rule: string, message: string, hint: string | null): JudgedProblem => ({
    severity,
    rule,
    message,
    subgraph,
    coordinate: null,
    // Documents are no part of the text.
    line: 1,
    column: 1,
    hint,
    query: null,
  })
}
