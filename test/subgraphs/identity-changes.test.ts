import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemCaller } from '../../kit/caller.ts'
import { seedBilling } from '../../subgraphs/billing/seed.ts'
import { billingSubgraph } from '../../subgraphs/billing/subgraph.ts'
import { seedPartner } from '../../subgraphs/partner/seed.ts'
import { partnerSubgraph } from '../../subgraphs/partner/subgraph.ts'
import { seededId } from '../../kit/ids.ts'
import {
  type SubgraphUnderTest,
  callerOf,
  operator,
  startSubgraph,
  streamOf,
  testSecret,
} from './subgraph-under-test.ts'

const gateway = systemCaller(['system:identity'])
const identityChanges = 'subscription { identityChanged { subject id } }'
const limitsChanges = 'subscription { limitsChanged { subject id } }'

let partner: SubgraphUnderTest
let billing: SubgraphUnderTest

beforeAll(async () => {
  partner = await startSubgraph(partnerSubgraph, (connection, { now }) =>
    seedPartner(connection, { now, secret: testSecret }),
  )
  billing = await startSubgraph(billingSubgraph, seedBilling)
})
afterAll(async () => {
  await partner?.stop()
  await billing?.stop()
})

/** What a gateway is told while something is done, signs of life left out. */
async function toldWhile(
  subgraph: SubgraphUnderTest,
  query: string,
  work: () => Promise<unknown>,
): Promise<readonly unknown[]> {
  const stream = streamOf(await subgraph.subscribe(gateway, query))
  await work()
  for await (const { data, errors } of stream) {
    expect(errors).toBeUndefined()
    const [change] = Object.values(data ?? {}) as { subject: string | null; id: string | null }[]
    if (change?.subject != null) return [change.subject, change.id]
  }
  throw new Error('the stream ended')
}

async function mutate(
  subgraph: SubgraphUnderTest,
  field: string,
  input: object,
  inputType = `${field[0]?.toUpperCase()}${field.slice(1)}Input`,
): Promise<void> {
  const { data, errors } = await subgraph.execute<Record<string, { userErrors: unknown }>>(
    operator,
    `mutation ($input: ${inputType}!) { ${field}(input: $input) { userErrors { code message } } }`,
    { input },
  )
  expect(errors).toBeUndefined()
  expect(data[field]?.userErrors).toEqual([])
}

describe('gateways are told', () => {
  it('that an app has lost a key', async () => {
    const app = seededId('App', 'northwind-portal')
    const { data } = await partner.execute<{ app: { credentials: { id: string }[] } }>(
      operator,
      'query ($id: ID!) { app(id: $id) { credentials { id } } }',
      { id: app },
    )
    const id = data.app.credentials[0]?.id
    const told = await toldWhile(partner, identityChanges, () => mutate(partner, 'revokeAppCredential', { id }))
    expect(told).toEqual(['APP', app])
  })

  it('that an organization was suspended', async () => {
    const id = seededId('Organization', 'northwind')
    const told = await toldWhile(partner, identityChanges, () =>
      mutate(partner, 'suspendOrganization', { id, reason: 'For a while.' }, 'OrganizationStatusInput'),
    )
    expect(told).toEqual(['ORGANIZATION', id])
  })

  it('that a scope of a published subgraph is offered otherwise, and that it has ended', async () => {
    const data = { environment: 'LIVE', subgraph: 'loyalty', scope: 'loyalty:read', description: 'See your points' }
    await partner.react({ type: 'subgraph_scope.declared', subject: 'sgv_1', data })
    const offered = await toldWhile(partner, identityChanges, () =>
      mutate(partner, 'offerScope', { scope: 'loyalty:read', everyPartner: true }),
    )
    const ended = await toldWhile(partner, identityChanges, () =>
      partner.react({ type: 'subgraph_scope.withdrawn', subject: 'sgv_2', data }),
    )
    expect([offered, ended]).toEqual([
      ['SCOPE', 'loyalty:read'],
      ['SCOPE', 'loyalty:read'],
    ])
  })

  it('of an organization’s ceiling', async () => {
    const organizationId = seededId('Organization', 'northwind')
    const told = await toldWhile(billing, limitsChanges, () =>
      mutate(billing, 'setOrganizationCeiling', { organizationId, monthlyCalls: 5 }),
    )
    expect(told).toEqual(['ORGANIZATION', organizationId])
  })

  it('of a plan when its change has reached the apps on it', async () => {
    const planId = seededId('Plan', 'growth')
    const told = await toldWhile(billing, limitsChanges, () =>
      billing.react({ type: 'plan.changed', subject: planId, data: {} }),
    )
    expect(told).toEqual(['PLAN', planId])
  })

  it('that the line is alive while nothing happens', async () => {
    const stream = streamOf(await partner.subscribe(gateway, identityChanges))
    const { value } = await stream.next()
    await stream.return?.()
    expect(value).toEqual({ data: { identityChanged: { subject: null, id: null } } })
  })

  it('and nobody else is', async () => {
    for (const caller of [operator, callerOf('northwind')]) {
      const answer = await partner.subscribe(caller, identityChanges)
      expect(answer).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    }
  })
})
