import type { DomainEvent } from '../../../../kit/events.ts'
import type { WebhookEndpoint } from '../endpoints.ts'

type Indexed = Pick<WebhookEndpoint, '_id' | 'organizationId' | 'operator' | 'types'>

/** Which endpoints an event concerns, by what is in memory. Its answer may be too large and is never too small. */
export interface EndpointIndex {
  readonly ids: readonly string[]
  concerned(event: Pick<DomainEvent, 'type' | 'audience'>): readonly string[]
}

export function createEndpointIndex(endpoints: readonly Indexed[]): EndpointIndex {
  const every = 'every type'
  const byType = new Map<string, Indexed[]>()
  for (const endpoint of endpoints) {
    for (const type of endpoint.types.length === 0 ? [every] : endpoint.types) {
      const others = byType.get(type)
      if (others) others.push(endpoint)
      else byType.set(type, [endpoint])
    }
  }
  return {
    ids: endpoints.map(({ _id }) => _id),
    concerned: ({ type, audience }) =>
      [...(byType.get(type) ?? []), ...(byType.get(every) ?? [])]
        .filter(
          ({ operator, organizationId }) => operator || audience.length === 0 || audience.includes(organizationId),
        )
        .map(({ _id }) => _id),
  }
}
