import { EventEmitter, once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGatewayReports } from '../../gateway/reports/report-gateway.ts'
import type { GraphQuestion } from '../../kit/ask-graph.ts'
import { systemCaller } from '../../kit/caller.ts'
import { createNetworkRules } from '../../kit/egress/network-rules.ts'
import { createId } from '../../kit/ids.ts'
import { createLogger } from '../../kit/log.ts'
import { productVersion } from '../../kit/version.ts'
import { schemasSubgraph } from '../../subgraphs/schemas/subgraph.ts'
import { loyaltySdl } from '../schema/loyalty.ts'
import { createSmallOffice } from './small-office.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

/** Usage of one coordinate, as the graph tells it; null where the app may not read it. */
let used: string | null = 'Organization.points'
const user = { calls: 7, lastDay: '2026-11-20', keys: [{ value: 'app_northwind' }], app: null }
const graph = {
  askAs: (_appId: string, { variables }: GraphQuestion) =>
    Promise.resolve(
      used === null
        ? { data: null, errors: [{ message: 'It needs billing:read.' }] }
        : {
            data: Object.fromEntries(
              Object.entries(variables).flatMap(([name, coordinate]) =>
                name.startsWith('c') ? [[`u${name.slice(1)}`, { nodes: coordinate === used ? [user] : [] }]] : [],
              ),
            ),
          },
    ),
}

const office = createSmallOffice()
let schemas: SubgraphUnderTest
beforeAll(async () => {
  const outside = { graph, networks: createNetworkRules([]), schemas: office }
  schemas = await startSubgraph(schemasSubgraph, () => Promise.resolve(), outside)
})
afterAll(async () => {
  await schemas?.stop()
  await office.workshop.close()
})

async function ask<Data>(query: string, variables: Record<string, unknown> = {}, caller = operator): Promise<Data> {
  const { data, errors } = await schemas.execute<Data>(caller, query, variables)
  expect(errors).toBeUndefined()
  return data
}

const gateways = `{ gateways {
  host productVersion seenAt supergraph refusedSupergraph { name reason }
  subgraphs { name status failure version calls failedCalls p95 }
} }`

const goes = (users: object[] | null) => ({
  schemaDeprecations: [
    {
      coordinate: 'Organization.points',
      reason: 'Counted otherwise.',
      sunset: '2027-03-01',
      replacement: null,
      brownouts: [],
      users,
    },
  ],
})

describe('what is served', { timeout: 60_000 }, () => {
  it('is told by each gateway, with what it refused and how it finds its subgraphs, until it is silent', async () => {
    const reports = new EventEmitter()
    const reported = once(reports, 'told')
    const running = startGatewayReports({
      environment: 'live',
      async query(_subgraph, query, variables, caller) {
        const { data, errors } = await schemas.execute<Record<string, unknown>>(caller, query, { ...variables })
        reports.emit('told')
        return { data, ...(errors ? { errors } : {}) }
      },
      status: () => ({ supergraph: '7', refusedSupergraph: { name: '8', reason: 'No plan.'.repeat(1_000) } }),
      health: () =>
        Promise.resolve({
          status: 'degraded',
          redis: null,
          subgraphs: [
            {
              name: 'loyalty',
              status: 'unreachable',
              url: 'http://loyalty.test/graphql',
              ready: false,
              breaker: 'open',
              version: null,
              path: [{ step: 'tcp', ok: false, tookMs: 1, failure: 'ECONNREFUSED' }],
              calls: { windowSeconds: 300, total: 20, running: 0, errors: { TIMEOUT: 3, REFUSED: 4 }, latencyMs: null },
            },
          ],
        }),
      now: () => schemas.now(),
      log: createLogger('test', 'error'),
    })
    await reported
    await running.close()

    const { gateways: found } = await ask<{ gateways: { refusedSupergraph: { reason: string } }[] }>(gateways)
    expect(found).toMatchObject([
      {
        productVersion,
        supergraph: '7',
        refusedSupergraph: { name: '8' },
        subgraphs: [
          {
            name: 'loyalty',
            status: 'UNREACHABLE',
            failure: 'tcp: ECONNREFUSED',
            calls: 20,
            failedCalls: 7,
            p95: null,
          },
        ],
      },
    ])
    expect(found[0]?.refusedSupergraph.reason).toHaveLength(2_000)
    schemas.advanceClock(6 * 60 * 1_000)
    expect(await ask(gateways)).toEqual({ gateways: [] })
  })

  it('is told by gateways alone', async () => {
    const report = {
      id: createId('Gateway'),
      environment: 'LIVE',
      host: 'elsewhere',
      productVersion,
      startedAt: schemas.now().toISOString(),
      subgraphs: [],
    }
    const mutation = 'mutation ($report: GatewayReportInput!) { reportGateway(report: $report) }'
    const refused = await schemas.execute(operator, mutation, { report })
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
    const wrong = await schemas.execute(systemCaller(['system:schemas']), mutation, { report: { ...report, id: 'x' } })
    expect(wrong.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  it('says what goes away, when, and who uses it as far as the app may know', async () => {
    const { publishSubgraph } = await ask<{ publishSubgraph: { subgraphVersion: { id: string } } }>(
      `mutation ($input: PublishSubgraphInput!) { publishSubgraph(input: $input) { subgraphVersion { id } userErrors { message } } }`,
      {
        input: {
          subgraph: 'loyalty',
          url: 'http://loyalty.test/graphql',
          sdl: loyaltySdl({ field: 'points', sunset: '2027-03-01' }),
          reason: 'For the test.',
        },
      },
    )
    const query =
      '{ schemaDeprecations { coordinate reason sunset replacement brownouts { from } users { appId calls } } }'
    expect(await ask(query)).toEqual(goes([{ appId: 'app_northwind', calls: 7 }]))
    used = null
    expect(await ask(query)).toEqual(goes(null))
    const { id } = publishSubgraph.subgraphVersion
    const version = 'query ($id: ID!) { subgraphVersion(id: $id) { subgraph number author authorApp { id } } }'
    expect(await ask(version, { id })).toEqual({
      subgraphVersion: { subgraph: 'loyalty', number: 1, author: operator.appId, authorApp: { id: operator.appId } },
    })
    expect(await ask(version, { id: 'sgv_0' })).toEqual({ subgraphVersion: null })
    const denied = callerOf('northwind', { scopes: ['partner:read'] })
    const { errors } = await schemas.execute(denied, query)
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
  })
})
