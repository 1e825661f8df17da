import type { DeclaredEventType } from '../../../kit/declared-event-types.ts'
import { eventTypeInfo } from '../../../kit/event-types.ts'
import { createLoader } from '../../../kit/loader.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { WebhookEndpoint } from './endpoints.ts'

type Declarations = ReturnType<typeof createLoader<string, DeclaredEventType>>

/** One for each request: the register is the log's, of which loaders that are made of models know nothing. */
const loaders = new WeakMap<object, Declarations>()

function declarationsOf(context: PartnerContext): Declarations {
  const { declared } = context.events
  const known = loaders.get(context)
  if (known) return known
  const made = createLoader<string, DeclaredEventType>(
    (names) => declared.named(names),
    ({ name }) => name,
  )
  loaders.set(context, made)
  return made
}

/** The types that an endpoint has chosen and that are no more. */
export async function endedTypes(context: PartnerContext, endpoint: WebhookEndpoint): Promise<readonly string[]> {
  const others = endpoint.types.filter((type) => eventTypeInfo(type) === undefined)
  const found = await Promise.all(others.map((type) => declarationsOf(context).load(type)))
  return others.filter((_, place) => {
    const declared = found[place]
    return declared == null || (!declared.live && endpoint.environment === 'LIVE')
  })
}
