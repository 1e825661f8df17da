import { afterAll, beforeAll, expect, it } from 'vitest'
import { scopes } from '../../schema/scopes.ts'
import { demoOrganization } from '../../subgraphs/demo-world/organizations.ts'
import { demoCaller } from '../subgraphs/demo-graph.ts'
import { type AttackGraph, startAttackGraph } from './attack-graph.ts'
import { leaveTraces } from './leave-traces.ts'
import { type MutationAttack, mutationsWithIds } from './mutation-inputs.ts'
import { type OwnedData, canariesIn, readOwnedData, recordsOf } from './owned-data.ts'

const victim = demoOrganization('northwind').id
const victimsApp = 'northwind-portal'
const attackersApp = 'fjordline-portal'

let graph: AttackGraph
let theirs: OwnedData
let mine: OwnedData
let before: Readonly<Record<string, string>>
beforeAll(async () => {
  const granted = { [victimsApp]: ['bulk:write', 'inventory:write'], [attackersApp]: ['bulk:write'] } as const
  graph = await startAttackGraph({ limits: 'lifted', granted })
  await leaveTraces(graph, victimsApp)
  await graph.settled()
  theirs = await readOwnedData(graph.connection, victim)
  mine = await readOwnedData(graph.connection, demoOrganization('fjordline').id)
  before = await recordsOf(graph.connection, victim)
})
afterAll(() => graph[Symbol.asyncDispose]())

/** How a mutation says that there is no such record; what it says of another's must be the same. */
const notThere = ['NOT_FOUND', 'IMPORT_NOT_FOUND', 'UNKNOWN_APP', 'LEVEL_NOT_FOUND', 'NOT_ENTITLED']

/**
 * A reservation notes any deal, and only deals of its own organization settle it. A person may consent to apps of
 * other organizations, and the owner of a deal invites other organizations to it: whose id they know is no secret, and
 * whom one invites to sell together is told by name and by nothing else.
 */
const takesOthersIds = new Map<string, readonly string[]>([
  ['reserveInventory.dealId', []],
  ['recordConsent.appId', []],
  ['inviteCoSell.guestOrganizationId', [demoOrganization('northwind').name]],
])

interface Outcome {
  readonly data?: Readonly<Record<string, unknown>> | null | undefined
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[]
}

/** What an answer says, without what differs from call to call. */
function outcomeOf({ name }: MutationAttack, { data, errors = [] }: Outcome): readonly unknown[] {
  const payload = data?.[name] as { readonly userErrors?: readonly { readonly code: string }[] } | null | undefined
  return [...errors.map(({ extensions }) => extensions?.['code']), ...(payload?.userErrors ?? [])]
}

function codesOf(outcome: readonly unknown[]): unknown[] {
  return outcome.map((part) => (typeof part === 'object' && part !== null && 'code' in part ? part.code : part))
}

/** Whether what is refused is the id and not, say, the state of another record in the input: then nothing was tried. */
function isForTheId({ place }: MutationAttack, outcome: readonly unknown[]): boolean {
  const named = place.split('.').at(-1)
  return outcome.every(
    (part) =>
      typeof part !== 'object' ||
      part === null ||
      ('field' in part && Array.isArray(part.field) && part.field.includes(named)),
  )
}

it('no mutation takes the id of another’s record at any place of its input', async () => {
  const refused = new Set<string>()
  const wrong: string[] = []
  for (const attack of mutationsWithIds(theirs, mine)) {
    const place = `${attack.name}.${attack.place}`
    const answer = await graph.ask(graph.key(attackersApp), attack.query, { input: attack.input })
    const never = await graph.ask(graph.key(attackersApp), attack.query, { input: attack.never })
    const mayTell = takesOthersIds.get(place) ?? []
    const told = canariesIn(answer.text.replaceAll(attack.id, ''), theirs).filter((text) => !mayTell.includes(text))
    if (told.length > 0) wrong.push(`${place} tells ${told.join()}`)
    if (takesOthersIds.has(place)) continue
    const outcome = outcomeOf(attack, answer)
    const codes = codesOf(outcome)
    if (codes.length === 0) wrong.push(`${place} was done`)
    const sort = codes.every((code) => code === 'FORBIDDEN') || codes.every((code) => notThere.includes(String(code)))
    if (!sort) wrong.push(`${place}: ${codes.join()}`)
    if (!isForTheId(attack, outcome)) wrong.push(`${place} is refused for something else`)
    if (JSON.stringify(outcome) !== JSON.stringify(outcomeOf(attack, never)))
      wrong.push(`${place} tells that it is there`)
    refused.add(place)
  }
  expect(wrong).toEqual([])
  expect(refused.size).toBeGreaterThan(80)
})

it('no mutation does so for a partner that had every scope', async () => {
  const caller = demoCaller(attackersApp, { scopes: Object.keys(scopes) })
  const done: string[] = []
  let refused = 0
  for (const attack of mutationsWithIds(theirs, mine, 'userErrors { code }')) {
    const service = [...graph.services.values()].find(({ schema }) =>
      Object.hasOwn(schema.getMutationType()?.getFields() ?? {}, attack.name),
    )
    const request = { query: attack.query, variables: { input: attack.input }, caller, requestId: 'attack' }
    const answer = await service?.execute(request)
    const codes = codesOf(outcomeOf(attack, answer ?? {}))
    if (codes.length > 0) refused += 1
    else if (!takesOthersIds.has(`${attack.name}.${attack.place}`)) done.push(`${attack.name}.${attack.place}`)
    expect(codes, attack.name).not.toContain('BAD_USER_INPUT')
    expect(codes, attack.name).not.toContain('INTERNAL')
  }
  expect(done).toEqual([])
  expect(refused).toBeGreaterThan(90)
})

it('nothing of theirs is other than it was', async () => {
  await graph.settled()
  const after = await recordsOf(graph.connection, victim)
  const changed = Object.keys({ ...before, ...after }).filter((place) => before[place] !== after[place])
  expect(changed).toEqual([])
})

it('nothing of what was asked has told what is inside', () => {
  expect(graph.leaks).toEqual([])
})
