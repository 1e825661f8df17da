import type { ClientSession } from 'mongoose'
import { createId } from '../../kit/ids.ts'
import { subgraphNamePattern } from '../../kit/subgraph-name.ts'
import { MutationRefused, type UserError, refuse } from '../../storage/mutate.ts'
import {
  type CheckedPublication,
  type Publication,
  checkPublication,
  errorsOf,
  publicationUsageDays,
  storedCheck,
} from './check-publication.ts'
import { declaredTogether } from './declared-together.ts'
import type { SchemasContext } from './schemas-context.ts'
import { scopeEvents } from './scope-events.ts'
import type { GraphEnvironment, SubgraphVersion } from './subgraph-versions.ts'

interface ChangeInput {
  readonly environment: GraphEnvironment
  readonly subgraph: string
  readonly reason: string
  readonly expectedVersion?: number | null
  readonly acceptBreaking?: readonly string[] | null
}
export interface PublishSubgraphInput extends ChangeInput {
  readonly url?: string | null
  readonly sdl: string
  readonly replaceShipped: boolean
}
export interface RollBackSubgraphInput extends ChangeInput {
  readonly toVersion: number
}
export type RetireSubgraphInput = ChangeInput

export interface CheckSubgraphInput extends Omit<PublishSubgraphInput, 'reason' | 'expectedVersion'> {
  readonly usageDays: number
}

/** A change that was checked and can be stored. */
export interface PreparedChange extends CheckedPublication {
  readonly publication: Publication
  readonly latest: SubgraphVersion | null
  readonly reason: string
}

/** Bytes of SDL; the gateway takes bodies of 256 KiB. */
const longestSdl = 200_000
const longestReason = 500
const mostAccepted = 100

/** What `checkSubgraph` says. */
export async function checkSubgraph(context: SchemasContext, input: CheckSubgraphInput) {
  const { publication } = await publicationOf(context, input)
  const usageDays = Math.max(1, Math.min(90, input.usageDays))
  return (await checkPublication(context, { ...publication, usageDays })).check
}

export async function preparePublish(context: SchemasContext, input: PublishSubgraphInput): Promise<PreparedChange> {
  const reason = reasonOf(input)
  const { publication, latest } = await publicationOf(context, input)
  checkVersion(latest, input)
  return { ...(await checkPublication(context, publication)), publication, latest, reason }
}

export async function prepareRollBack(context: SchemasContext, input: RollBackSubgraphInput): Promise<PreparedChange> {
  const reason = reasonOf(input)
  const { environment, subgraph, toVersion } = input
  const latest = await latestOf(context, input)
  const target = await context.models.versions.byNumber(environment, subgraph, toVersion)
  if (target === null || target.retirement) {
    const message = `The subgraph ${subgraph} has no version ${toVersion} that can be published again.`
    throw refuse('NOT_FOUND', ['input', 'toVersion'], message)
  }
  const { url, sdl, replacesShipped } = target
  const publication = publicationWith(input, { url, sdl, replacesShipped })
  return { ...(await checkPublication(context, publication)), publication, latest, reason }
}

export async function prepareRetire(context: SchemasContext, input: RetireSubgraphInput): Promise<PreparedChange> {
  const reason = reasonOf(input)
  const latest = await latestOf(context, input)
  if (latest.retirement) {
    throw refuse('NOT_FOUND', ['input', 'subgraph'], `The subgraph ${input.subgraph} is retired already.`)
  }
  const publication = publicationWith(input, null)
  return { ...(await checkPublication(context, publication)), publication, latest, reason }
}

/** Stores a checked change: the version, and the supergraph that it came to. Answers the version's id. */
export async function storeChange(
  context: SchemasContext,
  change: PreparedChange,
  session: ClientSession,
): Promise<string> {
  const { publication, check, composed, before, latest } = change
  if (!check.passed || composed === null) throw new MutationRefused(errorsOf(check).slice(0, 25).map(toUserError))
  const { models, caller, events } = context
  const { environment, subgraph, text } = publication
  const current = await models.supergraphs.current(environment, session)
  if ((current?._id ?? null) !== (before?._id ?? null)) {
    const message = 'The graph was changed while this was checked. Try again: it will be checked against that.'
    throw refuse('CHANGED_MEANWHILE', null, message)
  }
  const at = context.now()
  const supergraphNumber = (before?.number ?? 0) + 1
  const version: SubgraphVersion = {
    _id: createId('SubgraphVersion'),
    environment,
    subgraph,
    number: (latest?.number ?? 0) + 1,
    url: text?.url ?? latest?.url ?? '',
    sdl: text?.sdl ?? latest?.sdl ?? '',
    replacesShipped: text?.replacesShipped ?? false,
    retirement: text === null,
    reason: change.reason,
    author: caller.appId,
    authorUserId: caller.endUserId ?? null,
    publishedAt: at,
    supergraphNumber,
    check: storedCheck(check),
    scopes: change.scopes.after,
    eventTypes: change.eventTypes,
  }
  await models.versions.insert(session, version)
  await models.supergraphs.insert(session, {
    _id: createId('Supergraph'),
    environment,
    number: supergraphNumber,
    sdl: composed.supergraphSdl,
    apiSdl: composed.apiSdl,
    base: models.office().base,
    versionIds: [...change.others.map(({ _id }) => _id), ...(text ? [version._id] : [])],
    hints: check.hints,
    composedAt: at,
  })
  const elsewhere = await models.versions.latest(environment === 'LIVE' ? 'SANDBOX' : 'LIVE', subgraph, session)
  await events.declared.declare(session, subgraph, declaredTogether(version, elsewhere))
  // The platform company's own affair.
  const told = { subject: version._id, audience: [caller.organizationId] }
  await events.append(
    session,
    {
      ...told,
      type: text ? 'subgraph.published' : 'subgraph.retired',
      data: { environment, subgraph, number: version.number, supergraphNumber },
    },
    ...scopeEvents(change.scopes, { environment, subgraph }).map((event) => ({ ...told, ...event })),
  )
  return version._id
}

async function publicationOf(
  context: SchemasContext,
  input: Omit<PublishSubgraphInput, 'reason'>,
): Promise<{ readonly publication: Publication; readonly latest: SubgraphVersion | null }> {
  const { environment, subgraph, sdl, replaceShipped } = input
  if (!subgraphNamePattern.test(subgraph)) {
    const message = 'A name has 1 to 40 lower-case letters, digits and dashes and begins with a letter.'
    throw refuse('INVALID_INPUT', ['input', 'subgraph'], message)
  }
  const { shipped } = context.models.office()
  if (!replaceShipped && shipped.some(({ name }) => name === subgraph)) {
    const message = `${subgraph} comes with the product. Choose another name, or say replaceShipped to take its place.`
    throw refuse('SHIPPED_SUBGRAPH', ['input', 'subgraph'], message)
  }
  if (Buffer.byteLength(sdl) > longestSdl) {
    const message = `The SDL has ${Buffer.byteLength(sdl)} bytes, and at most ${longestSdl} are taken.`
    throw refuse('INVALID_INPUT', ['input', 'sdl'], message)
  }
  const latest = await context.models.versions.latest(environment, subgraph)
  const url = input.url ?? latest?.url
  if (url == null || !isSubgraphUrl(url)) {
    const message = 'url must begin with http://, https://, h2c:// or unix:// and be where gateways reach the subgraph.'
    throw refuse('INVALID_INPUT', ['input', 'url'], message)
  }
  return { publication: publicationWith(input, { url, sdl, replacesShipped: replaceShipped }), latest }
}

function publicationWith(
  { environment, subgraph, acceptBreaking }: Pick<ChangeInput, 'environment' | 'subgraph' | 'acceptBreaking'>,
  text: Publication['text'],
): Publication {
  if (acceptBreaking && acceptBreaking.length > mostAccepted) {
    throw refuse('INVALID_INPUT', ['input', 'acceptBreaking'], `acceptBreaking takes at most ${mostAccepted}.`)
  }
  return { environment, subgraph, text, acceptBreaking: acceptBreaking ?? [], usageDays: publicationUsageDays }
}

async function latestOf(context: SchemasContext, input: ChangeInput): Promise<SubgraphVersion> {
  const latest = await context.models.versions.latest(input.environment, input.subgraph)
  if (latest === null) {
    const message = `No subgraph ${input.subgraph.slice(0, 40)} was published in ${input.environment}.`
    throw refuse('NOT_FOUND', ['input', 'subgraph'], message)
  }
  checkVersion(latest, input)
  return latest
}

function checkVersion(latest: SubgraphVersion | null, { expectedVersion }: ChangeInput): void {
  const number = latest?.number ?? 0
  if (typeof expectedVersion !== 'number' || expectedVersion === number) return
  const message = `The subgraph is at version ${number} by now, not ${expectedVersion}; look at it again.`
  throw refuse('STALE_VERSION', ['input', 'expectedVersion'], message)
}

function reasonOf({ reason }: ChangeInput): string {
  const text = reason.trim()
  if (text !== '' && text.length <= longestReason) return text
  throw refuse('INVALID_INPUT', ['input', 'reason'], `Say why, in 1 to ${longestReason} characters.`)
}

function isSubgraphUrl(url: string): boolean {
  return url.length <= 2_000 && URL.canParse(url) && /^(https?|h2c|unix):\/\/\S+$/.test(url)
}

function toUserError({ rule, message, subgraph, line, column }: ReturnType<typeof errorsOf>[number]): UserError {
  return { code: 'CHECK_FAILED', field: ['input'], message: `${subgraph}:${line}:${column} ${rule} ${message}` }
}
