import type { ClientSession } from 'mongoose'
import type { HandInOutcome } from '../../../kit/events.ts'
import { isDuplicateKey } from '../../../storage/mutate.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type GivenEvent, type HandInFault, eventIdOf, readGivenEvents } from './read-events.ts'

export interface HandIn {
  readonly subgraph: string
  readonly body: string
}

interface Recorded extends Omit<HandInOutcome, 'reused'> {
  readonly faults: readonly HandInFault[]
}

const mostFaults = 25
const refused = (faults: readonly HandInFault[]): Recorded => {
  return { recorded: 0, repeated: 0, faults: faults.slice(0, mostFaults) }
}

/**
 * Records what a published subgraph has handed in, in its order, all or none. Here, because to whom an event may be told
 * is a matter of organizations; each that is named must be one.
 */
export async function recordSubgraphEvents(context: PartnerContext, handIn: HandIn): Promise<Recorded> {
  const { subgraph, body } = handIn
  const { events, faults } = readGivenEvents(body, { subgraph, now: context.now() })
  if (faults.length > 0) return refused(faults)
  const record = () => context.connection.transaction((session) => recordIn(session, context, { subgraph, events }))
  try {
    return await record()
  } catch (error) {
    // Handed in twice at once: the other has recorded it, which is found when it is looked again.
    if (isDuplicateKey(error, 'event_hand_ins')) return record()
    throw error
  }
}

async function recordIn(
  session: ClientSession,
  { models, events: log }: PartnerContext,
  { subgraph, events }: { readonly subgraph: string; readonly events: readonly GivenEvent[] },
): Promise<Recorded> {
  const types = await log.declared.named([...new Set(events.map(({ type }) => type))], session)
  const declared = new Map(types.filter((type) => type.subgraph === subgraph).map((type) => [type.name, type._id]))
  const named = [...new Set(events.flatMap(({ organizations }) => organizations))]
  const known = new Set((await models.organizations.findMany(session, named)).map(({ _id }) => _id))
  const faults = events.flatMap(({ type, organizations }, event): HandInFault[] => {
    if (!declared.has(type)) {
      const message = `${subgraph} declares no event type ${JSON.stringify(type)}: publish an SDL with @eventType first.`
      return [{ code: 'TYPE_NOT_DECLARED', message, event, field: 'type' }]
    }
    const unknown = organizations.find((id) => !known.has(id))
    if (unknown === undefined) return []
    const message = `There is no organization ${JSON.stringify(unknown)}.`
    return [{ code: 'ORGANIZATION_UNKNOWN', message, event, field: 'organizations' }]
  })
  if (faults.length > 0) return refused(faults)
  const rows = events.map(({ id, type, organizations, ...event }) => {
    const declaration = declared.get(type) ?? ''
    return { ...event, id: eventIdOf(subgraph, id), type, source: subgraph, audience: organizations, declaration }
  })
  const { reused, ...counts } = await log.record(session, rows)
  if (reused.length === 0) return { ...counts, faults: [] }
  return refused(
    rows.flatMap(({ id }, event): HandInFault[] => {
      if (!reused.includes(id)) return []
      const message = `The id ${events[event]?.id} was handed in before with something else in it.`
      return [{ code: 'EVENT_ID_REUSED', message, event, field: 'id' }]
    }),
  )
}
