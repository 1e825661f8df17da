import { toCloudEvent } from '../../kit/cloud-event.ts'
import { type ConnectionArgs, pageSize } from '../../kit/connection.ts'
import { CodedError } from '../../kit/errors.ts'
import { type ReadableEventTypes, eventTypeProblems, readableEventTypes } from '../../kit/declared-event-types.ts'
import { readableData } from '../../kit/event-types.ts'
import { cursorRefusal, foreignCursor } from '../../kit/event-feed.ts'
import type { DomainEvent } from '../../kit/events.ts'
import type { EventsContext } from './subgraph.ts'

export interface EventsArgs extends ConnectionArgs {
  readonly types?: readonly string[] | null
}

/** Positions that one poll looks at, so that a search for rare events costs no more than a full page. */
const mostPositions = 20_000
const mostTypes = 250

/** A page of the log as the caller may see it; see `Query.events`. */
export async function readEvents(context: EventsContext, args: EventsArgs) {
  const { caller, events, cursors } = context
  const first = args.first ?? pageSize.default
  if (!Number.isInteger(first) || first < 1 || first > pageSize.max) {
    throw new CodedError('BAD_USER_INPUT', `\`first\` must be between 1 and ${pageSize.max}.`, { argument: 'first' })
  }
  const kinds = await checkTypes(context, args.types)
  const after = args.after == null ? (await events.bounds()).oldest - 1 : cursors.decode(args.after)
  if (after === null) throw foreignCursor()
  const audience = caller.operator ? undefined : caller.organizationId
  try {
    const page = await events.read(after, { limit: first, ...kinds, audience, within: mostPositions })
    const { newest } = await events.bounds()
    const edges = page.events.map((event) => {
      const cursor = cursors.encode(event.position)
      return { cursor, node: toNode(event, { cursor, scopes: caller.scopes }) }
    })
    return {
      edges,
      nodes: edges.map(({ node }) => node),
      pageInfo: {
        hasNextPage: page.upTo < newest,
        hasPreviousPage: args.after != null,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: cursors.encode(page.upTo),
      },
    }
  } catch (error) {
    throw cursorRefusal(error, cursors)
  }
}

/** An event as readers get it. */
export function toNode(
  event: DomainEvent,
  { cursor, scopes }: { readonly cursor: string; readonly scopes: readonly string[] },
) {
  return { ...toCloudEvent(event), data: readableData(event, scopes), time: event.time, cursor }
}

/** The types that are asked for, or all that the caller may read. Throws where one of them is not to be had. */
export async function checkTypes(
  { caller, events }: Pick<EventsContext, 'caller' | 'events'>,
  wanted: readonly string[] | null | undefined,
): Promise<ReadableEventTypes> {
  const reader = { scopes: caller.scopes, sandbox: caller.environment === 'sandbox' }
  if (wanted == null) return readableEventTypes(events.declared, reader)
  if (wanted.length === 0 || wanted.length > mostTypes) {
    const message = `\`types\` takes 1 to ${mostTypes} types; leave it out for all.`
    throw new CodedError('BAD_USER_INPUT', message, { argument: 'types' })
  }
  const [problem] = await eventTypeProblems(events.declared, reader, wanted)
  if (problem === undefined) return readableEventTypes(events.declared, reader, wanted)
  const code = problem.scope === null ? 'BAD_USER_INPUT' : 'FORBIDDEN'
  throw new CodedError(code, problem.message, { argument: 'types' })
}
