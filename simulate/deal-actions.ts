import type { GraphClient } from '../sdk/graph-client.ts'
import type { Partner, StockedSku } from './market.ts'
import type { Random } from './random.ts'
import type { ActionReport } from './stock-actions.ts'
import { type UserError, refusalOf } from './user-error.ts'

const dayMs = 24 * 60 * 60 * 1000

const registerMutation = /* GraphQL */ `
  mutation SimulatedRegistration($input: RegisterDealInput!, $key: String!) {
    registerDeal(input: $input, idempotencyKey: $key) {
      dealRegistration {
        number
      }
      userErrors {
        code
        message
      }
    }
  }
`

const waitingQuery = /* GraphQL */ `
  query SimulatedReview {
    dealRegistrations(first: 10, state: SUBMITTED) {
      nodes {
        id
        number
        version
        customer {
          name
        }
      }
    }
  }
`

const decideMutation = /* GraphQL */ `
  mutation SimulatedDecision($input: DecideDealInput!, $key: String!) {
    decideDeal(input: $input, idempotencyKey: $key) {
      dealRegistration {
        state
      }
      userErrors {
        code
        message
      }
    }
  }
`

interface RegisterAnswer {
  readonly registerDeal: {
    readonly dealRegistration: { readonly number: string } | null
    readonly userErrors: readonly UserError[]
  }
}
interface WaitingAnswer {
  readonly dealRegistrations: {
    readonly nodes: readonly {
      readonly id: string
      readonly number: string
      readonly version: number
      readonly customer: { readonly name: string }
    }[]
  }
}
interface DecideAnswer {
  readonly decideDeal: {
    readonly dealRegistration: { readonly state: string } | null
    readonly userErrors: readonly UserError[]
  }
}

const firstNames = ['Alder', 'Birk', 'Cedar', 'Dorn', 'Elm', 'Falken', 'Ginster', 'Hasel', 'Linden', 'Quell', 'Reiher']
const lastNames = ['Logistics', 'Foods', 'Clinic', 'Insurance', 'Works', 'Schools', 'Energy', 'Textiles', 'Hotels']
const decisions = ['APPROVE', 'APPROVE', 'APPROVE', 'REJECT', 'RETURN'] as const
const reasons = {
  APPROVE: null,
  REJECT: 'The customer has ordered directly.',
  RETURN: 'Please add who decides at the customer.',
} as const

/** Registers a deal of a partner with a customer of its country. */
export async function registerDeal(
  graph: GraphClient,
  random: Random,
  deal: { readonly partner: Partner; readonly wanted: StockedSku; readonly key: string },
): Promise<ActionReport> {
  const { partner, wanted, key } = deal
  const name = `${random.pick(firstNames)} ${random.pick(lastNames)} ${random.between(1, 999)}`
  const input = {
    organizationId: partner.id,
    customer: { name, domain: `${name.toLowerCase().replaceAll(' ', '-')}.example`, country: partner.country },
    productId: wanted.productId,
    skuId: wanted.skuId,
    quantity: random.between(10, 400),
    estimatedValue: { amount: `${random.between(12, 180)}000.00`, currencyCode: 'EUR' },
    expectedCloseDate: new Date(Date.now() + random.between(14, 120) * dayMs).toISOString(),
  }
  const { registerDeal: answer } = await graph.request<RegisterAnswer>(registerMutation, { input, key })
  const outcome = refusalOf(answer.userErrors) ?? answer.dealRegistration?.number
  return { verb: 'REGISTER', text: `${name}, by ${partner.name}: ${outcome}` }
}

/** Decides one of the registrations that wait; undefined when none does. */
export async function decideDeal(graph: GraphClient, random: Random, key: string): Promise<ActionReport | undefined> {
  const { dealRegistrations } = await graph.request<WaitingAnswer>(waitingQuery)
  if (dealRegistrations.nodes.length === 0) return undefined
  const { id, number, version, customer } = random.pick(dealRegistrations.nodes)
  const decision = random.pick(decisions)
  const input = { id, decision, reason: reasons[decision], expectedVersion: version }
  const { decideDeal: answer } = await graph.request<DecideAnswer>(decideMutation, { input, key })
  const outcome = refusalOf(answer.userErrors) ?? answer.dealRegistration?.state
  return { verb: decision, text: `${number}, ${customer.name}: ${outcome}` }
}
