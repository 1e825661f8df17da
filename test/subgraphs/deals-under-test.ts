import type { Caller } from '../../kit/caller.ts'
import { seedDeals } from '../../subgraphs/deals/seed.ts'
import { dealsSubgraph } from '../../subgraphs/deals/subgraph.ts'
import { demoProduct } from '../../subgraphs/demo-world/products.ts'
import { type SubgraphUnderTest, callerOf, startSubgraph } from './subgraph-under-test.ts'

export const hourMs = 60 * 60 * 1000
export const dayMs = 24 * hourMs
export const northwind = callerOf('northwind')
export const alpenland = callerOf('alpenland')
export const servers = demoProduct('tarn-r220-2u-server')

const payloads = {
  deal: `dealRegistration { id number state version exclusive protectedUntil resubmitBy extendedAt closeReason
    territory family reserveStock wonValue { amount } estimatedValue { amount } customer { name domain }
    evidence { id kind text url } opportunity { id stage amount { amount } version } lead { id } }`,
  opportunity: 'opportunity { id stage version closedAt amount { amount } deal { id state } }',
  lead: `lead { id state version masked externalId organization { id } customer { name domain taxId country }
    contact { name email phone } candidates acceptDueAt passedOn { reason } deal { id state number } }`,
  coSell: `coSellEngagement { id state version invitedBy ownerName guestName shared notes { by text private }
    deal { number family customer { name } product { id } value { amount } expectedCloseDate state } }`,
  customer: 'reservedCustomer { id active version }',
  program: 'dealProgram { family minimumValues { amount currencyCode } }',
  territory: 'salesTerritory { code countries }',
} as const

/** Every mutation of the subgraph with the type of its input and what its payload is asked for. */
const mutations = {
  registerDeal: ['RegisterDealInput', 'deal'],
  saveDealDraft: ['SaveDealDraftInput', 'deal'],
  editDeal: ['EditDealInput', 'deal'],
  submitDeal: ['DealRegistrationInput', 'deal'],
  reviewDeal: ['DealRegistrationInput', 'deal'],
  decideDeal: ['DecideDealInput', 'deal'],
  withdrawDeal: ['WithdrawDealInput', 'deal'],
  addDealEvidence: ['DealEvidenceInput', 'deal'],
  extendDeal: ['DealEvidenceInput', 'deal'],
  convertDeal: ['ConvertDealInput', 'deal'],
  winDeal: ['WinInput', 'deal'],
  loseDeal: ['LoseInput', 'deal'],
  reopenDeal: ['DealRegistrationInput', 'deal'],
  updateOpportunity: ['UpdateOpportunityInput', 'opportunity'],
  winOpportunity: ['WinInput', 'opportunity'],
  loseOpportunity: ['LoseInput', 'opportunity'],
  createLead: ['CreateLeadInput', 'lead'],
  assignLead: ['AssignLeadInput', 'lead'],
  acceptLead: ['LeadInput', 'lead'],
  declineLead: ['DeclineLeadInput', 'lead'],
  disqualifyLead: ['DisqualifyLeadInput', 'lead'],
  convertLead: ['ConvertLeadInput', 'lead'],
  inviteCoSell: ['InviteCoSellInput', 'coSell'],
  acceptCoSell: ['AcceptCoSellInput', 'coSell'],
  declineCoSell: ['CoSellInput', 'coSell'],
  closeCoSell: ['CoSellInput', 'coSell'],
  shareCoSell: ['ShareCoSellInput', 'coSell'],
  addCoSellNote: ['AddCoSellNoteInput', 'coSell'],
  reserveCustomer: ['ReserveCustomerInput', 'customer'],
  releaseCustomer: ['ReleaseCustomerInput', 'customer'],
  setDealProgram: ['SetDealProgramInput', 'program'],
  setSalesTerritory: ['SetSalesTerritoryInput', 'territory'],
} as const

export type MutationName = keyof typeof mutations

/** What the payloads above may hold; which of it there is depends on the mutation. */
export interface Entity {
  readonly id: string
  readonly number: string
  readonly state: string
  readonly stage: string
  readonly version: number
  readonly exclusive: boolean
  readonly masked: boolean
  readonly protectedUntil: string | null
  readonly resubmitBy: string | null
  readonly acceptDueAt: string | null
  readonly opportunity: { readonly id: string; readonly stage: string } | null
  readonly lead: { readonly id: string } | null
  readonly deal: { readonly id: string; readonly state: string } | null
  readonly customer: { readonly name: string; readonly domain: string | null }
  readonly notes: readonly { readonly by: string; readonly text: string; readonly private: boolean }[]
}

export interface Outcome {
  readonly entity: Entity | null
  readonly userErrors: readonly { readonly code: string; readonly field: string[] | null; readonly message: string }[]
  /** The codes of its user errors, or of the errors of the whole answer. */
  readonly codes: readonly string[]
}

export interface RecordedEvent {
  readonly type: string
  readonly audience: readonly string[]
  readonly data: Readonly<Record<string, unknown>>
}

export interface DealsUnderTest extends SubgraphUnderTest {
  /** Runs a mutation and answers its entity and its refusals. */
  call(caller: Caller, name: MutationName, input: object, idempotencyKey?: string): Promise<Outcome>
  /** The same for what must succeed; answers the entity. */
  done(caller: Caller, name: MutationName, input: object): Promise<Entity>
  /** What the event log holds of an entity, in order. */
  eventsOf(subject: string): Promise<readonly RecordedEvent[]>
}

/** Starts the deals subgraph with the demo's data. */
export async function startDeals(): Promise<DealsUnderTest> {
  const subgraph = await startSubgraph(dealsSubgraph, seedDeals)
  const call: DealsUnderTest['call'] = async (caller, name, input, key) => {
    const [type, payload] = mutations[name]
    const { data, errors } = await subgraph.execute<Record<string, Payload>>(
      caller,
      `mutation ($input: ${type}!, $key: String) { ${name}(input: $input, idempotencyKey: $key) {
        ${payloads[payload]} userErrors { code field message } } }`,
      { input, key },
    )
    const refused = errors?.map(({ extensions }) => String(extensions?.['code']))
    if (refused) return { entity: null, userErrors: [], codes: refused }
    const { userErrors, ...entities } = data[name] as Payload
    const [entity = null] = Object.values(entities)
    return { entity: entity as Entity | null, userErrors, codes: userErrors.map(({ code }) => code) }
  }
  return {
    ...subgraph,
    call,
    async done(caller, name, input) {
      const { entity, userErrors, codes } = await call(caller, name, input)
      if (codes.length > 0) throw new Error(`${name} was refused: ${JSON.stringify([codes, userErrors])}`)
      // A partner that gives something away sees it no more.
      return entity as Entity
    },
    async eventsOf(subject) {
      // The relay moves rows from the one to the other; read in this order, none is missed.
      const waiting = await subgraph.connection.collection<StoredEvent>('event_outbox').find({ subject }).toArray()
      const told = await subgraph.connection.collection<StoredEvent>('event_log').find({ subject }).toArray()
      const byId = new Map([...waiting, ...told].map((event) => [event.id ?? String(event._id), event]))
      return [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event)
    },
  }
}

interface StoredEvent extends RecordedEvent {
  readonly _id: string | number
  readonly id?: string
}

interface Payload {
  readonly userErrors: Outcome['userErrors']
}

let customers = 0

/** A deal with a customer that no other test has. */
export function dealInput(changes: Record<string, unknown> = {}): Record<string, unknown> & { customer: object } {
  customers += 1
  return {
    customer: { name: `Kunde ${customers} GmbH`, domain: `kunde-${customers}.example`, country: 'DE' },
    productId: servers.id,
    skuId: servers.skus[0]?.id,
    quantity: 10,
    estimatedValue: { amount: '48000.00', currencyCode: 'EUR' },
    expectedCloseDate: new Date(Date.now() + 1_400 * dayMs).toISOString(),
    ...changes,
  }
}
