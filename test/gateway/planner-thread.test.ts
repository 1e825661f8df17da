import { afterEach, describe, expect, it } from 'vitest'
import { buildApolloPlanner } from '../../gateway/plan/build-apollo-planner.ts'
import { choosePlanner } from '../../gateway/plan/choose-planner.ts'
import { type PlannerThread, openPlannerThread } from '../../gateway/plan/planner-thread.ts'
import { composeSupergraph } from '../../subgraphs/compose.ts'

const log = { info: () => undefined, warn: () => undefined }
const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@interfaceObject"])\n'

function supergraphOf(...sdls: readonly string[]): string {
  const services = sdls.map((sdl, index) => ({ name: `s${index}`, url: `http://s${index}.test`, sdl: link + sdl }))
  return composeSupergraph(services).supergraphSdl
}
const supergraphSdl = supergraphOf(
  'type Query { items: [Item!] } type Item @key(fields: "id") { id: ID! }',
  'type Item @key(fields: "id") { id: ID! name: String }',
)
const operation = '{ items { id name } }'

const opened: PlannerThread[] = []
const open = async (...options: Parameters<typeof openPlannerThread>): Promise<PlannerThread> => {
  const planner = await openPlannerThread(...options)
  opened.push(planner)
  return planner
}
afterEach(() => opened.splice(0).forEach((planner) => planner.rest()))

describe.each(['rust', 'apollo'] as const)('the planner %s in a thread', (wanted) => {
  it('makes the plans that it makes without one, waited for or not', async () => {
    const here = choosePlanner(wanted, log).create(supergraphSdl, () => buildApolloPlanner(supergraphSdl))
    const planner = await open({ supergraphSdl, wanted, log })
    expect(planner.name).toBe(wanted)
    const ahead = Promise.all([planner.planAhead(operation), planner.planAhead('{ items { id } }')])
    expect(planner.plan(operation)).toEqual(here.plan(operation))
    expect(await ahead).toEqual([here.plan(operation), here.plan('{ items { id } }')])
  })

  it('tells what it cannot plan, and goes on', async () => {
    const planner = await open({ supergraphSdl, wanted, log })
    expect(() => planner.plan('{ items { price } }')).toThrow()
    await expect(planner.planAhead('{ items { price } }')).rejects.toThrow()
    expect(planner.plan(operation).node).not.toBeNull()
  })

  it('is started again when something is to be planned after it was let go', async () => {
    const planner = await open({ supergraphSdl, wanted, log })
    const plan = planner.plan(operation)
    planner.rest()
    expect(planner.plan(operation)).toEqual(plan)
  })

  it('is refused with a supergraph that is none', async () => {
    await expect(open({ supergraphSdl: 'type Query {', wanted, log })).rejects.toThrow(/\w/)
  })
})

it('refuses what Apollo’s planner would answer wrongly, with the place', async () => {
  const wrong = supergraphOf(
    'type Query { node: Node } interface Node @key(fields: "id") { id: ID! }',
    `type Query { other: Node }
      type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! field: String }`,
  )
  const refused = open({ supergraphSdl: wrong, wanted: 'apollo', log })
  await expect(refused).rejects.toMatchObject({ name: 'ConfigError', message: expect.stringContaining('Node') })
})
