import { logOf, outboxOf } from '../../events/collections.ts'
import type { Caller } from '../../kit/caller.ts'
import type { DomainEvent } from '../../kit/events.ts'
import { seedPartner } from '../../subgraphs/partner/seed.ts'
import { partnerSubgraph } from '../../subgraphs/partner/subgraph.ts'
import { type SubgraphUnderTest, operator, startSubgraph, testSecret } from './subgraph-under-test.ts'

export const dayMs = 24 * 60 * 60 * 1000

export interface UserErrorShape {
  readonly code: string
  readonly field: readonly string[] | null
  readonly message: string
}

/** A payload with its entity and whatever else was asked for. */
export interface PayloadOf<Entity> {
  readonly entity: Entity
  readonly secret?: string | null
  readonly userErrors: readonly UserErrorShape[]
}

export interface PartnerUnderTest extends SubgraphUnderTest {
  /** Calls a mutation by its name; `entity` and `fields` say what of its payload is read. */
  mutate<Entity = { readonly id: string; readonly version: number }>(
    caller: Caller,
    call: {
      readonly name: string
      readonly input: object
      readonly entity: string
      readonly fields?: string
      readonly secret?: string
      readonly key?: string
    },
  ): Promise<PayloadOf<Entity>>
  /** A query that must not fail. */
  ask<Data>(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<Data>
  /** Events of these types so far, oldest first. */
  events(...types: readonly string[]): Promise<Pick<DomainEvent, 'type' | 'subject' | 'data'>[]>
  /** A new approved organization with one administrator. */
  partner(name?: string): Promise<{ readonly id: string; readonly adminId: string }>
}

/** Starts the partner subgraph on the demo world. */
export async function startPartner(): Promise<PartnerUnderTest> {
  const graph = await startSubgraph(partnerSubgraph, (connection, options) =>
    seedPartner(connection, { ...options, secret: testSecret }),
  )
  let partners = 0
  const under: PartnerUnderTest = {
    ...graph,
    async mutate(caller, { name, input, entity, fields = 'id version', secret, key }) {
      const type = inputTypes[name] ?? `${name[0]?.toUpperCase()}${name.slice(1)}Input`
      const { data, errors } = await graph.execute<Record<string, never>>(
        caller,
        `mutation ($input: ${type}!, $key: String) { payload: ${name}(input: $input, idempotencyKey: $key) {
           entity: ${entity} { ${fields} } ${secret ? `secret: ${secret}` : ''} userErrors { code field message } } }`,
        { input, key },
      )
      if (errors) throw new Error(JSON.stringify(errors))
      return data['payload'] as never
    },
    async ask(caller, query, variables) {
      const { data, errors } = await graph.execute(caller, query, variables)
      if (errors) throw new Error(JSON.stringify(errors))
      return data as never
    },
    async events(...types) {
      // The outbox first: what the relay moves in between is found in the log.
      const waiting = await outboxOf(graph.connection)
        .find({ type: { $in: types } })
        .toArray()
      const logged = await logOf(graph.connection)
        .find({ type: { $in: types } })
        .toArray()
      const byId = new Map([
        ...waiting.map(({ _id, ...row }) => [_id, row] as const),
        ...logged.map(({ id, ...row }) => [id, row] as const),
      ])
      // Ids grow with time.
      return [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event)
    },
    async partner(name = 'Partner') {
      partners += 1
      const applied = await under.mutate<{ id: string; members: { nodes: { id: string }[] } }>(operator, {
        name: 'applyForPartnership',
        entity: 'organization',
        fields: 'id members(first: 1) { nodes { id } }',
        input: application({
          name: `${name} ${partners}`,
          applicant: { name: 'Ada Boss', email: `ada@p${partners}.example` },
        }),
      })
      await under.mutate(operator, {
        name: 'decideApplication',
        entity: 'organization',
        input: { id: applied.entity.id, decision: 'APPROVE' },
      })
      return { id: applied.entity.id, adminId: applied.entity.members.nodes[0]?.id ?? '' }
    },
  }
  return under
}

const inputTypes: Readonly<Record<string, string>> = {
  suspendOrganization: 'OrganizationStatusInput',
  reinstateOrganization: 'OrganizationStatusInput',
  terminateOrganization: 'OrganizationStatusInput',
}

/** An application that is in order. */
export function application(changes: object = {}) {
  return {
    name: 'Bergwerk Systeme',
    type: 'RESELLER',
    country: 'DE',
    website: 'https://www.bergwerk.example',
    territories: ['DACH'],
    applicant: { name: 'Ada Boss', email: 'ada@bergwerk.example' },
    ...changes,
  }
}
