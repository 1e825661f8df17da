import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEventLog } from '../../events/event-log.ts'
import type { ImportRefusal, ImportValue } from '../../kit/background.ts'
import type { Caller } from '../../kit/caller.ts'
import { createLogger } from '../../kit/log.ts'
import { type SecretPurpose, deriveSecret } from '../../kit/secrets.ts'
import { createPartnerModels } from '../../subgraphs/partner/models.ts'
import { organizationImporter } from '../../subgraphs/partner/organizations/import-organizations.ts'
import { type PartnerUnderTest, startPartner } from './partner-under-test.ts'
import { callerOf, operator, testSecret } from './subgraph-under-test.ts'

let graph: PartnerUnderTest
let eventLog: ReturnType<typeof createEventLog>
beforeAll(async () => {
  graph = await startPartner()
  eventLog = createEventLog(graph.connection, { log: createLogger('test', 'error'), now: () => graph.now() })
})
afterAll(async () => {
  await eventLog?.close()
  await graph?.stop()
})

const secretFor = (purpose: SecretPurpose) => deriveSecret(testSecret, purpose)

type Line = Record<string, ImportValue>

/** Applies lines as a job would: with every column, in one transaction. */
async function load(lines: readonly Line[], caller: Caller = operator): Promise<readonly ImportRefusal[]> {
  const { connection } = graph
  const now = () => graph.now()
  const context = {
    caller,
    connection,
    now,
    log: createLogger('test', 'error'),
    events: eventLog.forSource('partner'),
    models: createPartnerModels({ connection, now, secretFor }),
  }
  const blank = Object.fromEntries(organizationImporter.columns.map(({ name }) => [name, null]))
  let refusals: readonly ImportRefusal[] = []
  await connection.transaction(async (session) => {
    const numbered = lines.map((values, index) => ({ number: index + 1, values: { ...blank, ...values } }))
    refusals = await organizationImporter.apply(context, numbered, session)
  })
  return refusals
}

let ids = 0
function line(changes: Line = {}): Line {
  ids += 1
  return {
    externalId: `ERP-${ids}`,
    name: `Imported ${ids}`,
    type: 'RESELLER',
    country: 'FR',
    website: `https://imported-${ids}.example`,
    ...changes,
  }
}

interface Imported {
  readonly id: string
  readonly version: number
}
async function imported(externalId: ImportValue | undefined): Promise<Imported | undefined> {
  const { organizations } = await graph.ask<{ organizations: { nodes: Imported[] } }>(
    operator,
    `query ($externalId: String) { organizations(externalId: $externalId) { nodes { id name status version country territories tier { name }
       extraFields { key value } members { nodes { email role } } } } }`,
    { externalId },
  )
  return organizations.nodes[0]
}

describe('importing organizations', () => {
  it('makes new ones with their tier, fields and administrator, and tells of each', async () => {
    const given = line({
      tier: 'Silver',
      territories: 'FRANCE; BENELUX',
      adminName: 'Ada Boss',
      adminEmail: 'Ada@Imported.example',
      extraFields: '{"vatId":"FR123","employees":12}',
    })
    expect(await load([given])).toEqual([])
    const organization = await imported(given['externalId'])
    expect(organization).toMatchObject({
      status: 'APPROVED',
      territories: ['FRANCE', 'BENELUX'],
      tier: { name: 'Silver' },
      members: { nodes: [{ email: 'ada@imported.example', role: 'ADMIN' }] },
      extraFields: expect.arrayContaining([{ key: 'employees', value: '12' }]) as object[],
    })
    const told = (await graph.events('organization.approved', 'member.joined')).filter(
      ({ subject, data }) => subject === organization?.id || data['organizationId'] === organization?.id,
    )
    expect(told).toHaveLength(2)
  })

  it('changes nothing when it is repeated, and what is different when it differs', async () => {
    const given = [line(), line(), line()]
    await load(given)
    const [first] = given
    const before = await imported(first?.['externalId'])
    await load(given)
    expect(await imported(first?.['externalId'])).toEqual(before)
    await load([{ ...first, name: 'Renamed', status: 'SUSPENDED' }])
    expect(await imported(first?.['externalId'])).toMatchObject({
      id: before?.id,
      name: 'Renamed',
      status: 'SUSPENDED',
      version: (before?.version ?? 0) + 1,
    })
  })

  it('lets the last of several lines of one id stand', async () => {
    const given = line()
    expect(await load([given, { ...given, name: 'Second' }, { ...given, name: 'Third' }])).toEqual([])
    expect(await imported(given['externalId'])).toMatchObject({ name: 'Third', version: 1 })
  })

  it('refuses single lines with their columns, and applies the others', async () => {
    const good = line()
    const refusals = await load([
      line({ type: 'WHOLESALER' }),
      good,
      line({ status: 'TERMINATED', country: 'France' }),
      line({ tier: 'Platinum' }),
      line({ extraFields: '[1]' }),
      line({ adminEmail: 'nobody' }),
      line({ extraFields: '{"employees":0}' }),
    ])
    expect(refusals.map(({ line: number, column, code }) => [number, column, code])).toEqual([
      [1, 'type', 'INVALID_INPUT'],
      [3, 'country', 'INVALID_INPUT'],
      [3, 'status', 'ILLEGAL_TRANSITION'],
      [4, 'tier', 'NOT_FOUND'],
      [5, 'extraFields', 'INVALID_INPUT'],
      [6, 'adminName', 'INVALID_INPUT'],
      [6, 'adminEmail', 'INVALID_INPUT'],
      [7, 'extraFields', 'EXTRA_FIELD_INVALID'],
    ])
    expect(await imported(good['externalId'])).toBeDefined()
  })

  it('takes as many commands for a thousand lines as for ten, each by an index', async () => {
    const commandsFor = (lines: readonly Line[]) => graph.countDatabaseCalls(() => load(lines))
    const few = await commandsFor(Array.from({ length: 10 }, () => line()))
    const many = Array.from({ length: 1_000 }, () => line())
    expect(await commandsFor(many)).toBe(few)
    const changed = many.map((given) => ({ ...given, country: 'BE' }))
    expect(await commandsFor(changed)).toBeLessThanOrEqual(few)
    expect(await imported(many[500]?.['externalId'])).toMatchObject({ country: 'BE' })
    expect(await graph.scansOf(() => load([line(), ...many.slice(0, 5)]))).toEqual([])
  })

  it('is for the operator', async () => {
    await expect(load([line()], callerOf('northwind'))).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  })
})
