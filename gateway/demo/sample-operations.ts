import type { SampleOperation } from '../http/portal-routes.ts'

/** Data of all five subgraphs in one query: what a partner portal shows on its home page. */
export const partnerHomePage = `query PartnerHome($products: Int = 5) {
  myOrganization {
    name
    type
    tier { name benefits }
    apps(first: 5) {
      nodes { name environment plan { name } usage { calls cost } }
    }
    dealRegistrations(first: 5) {
      totalCount
      nodes {
        number
        state
        customer { name }
        product { name }
        estimatedValue { amount currencyCode }
      }
    }
    invoices(first: 3, status: OPEN) {
      nodes { number dueAt total { amount currencyCode } }
    }
  }
  products(first: $products) {
    nodes {
      name
      family
      skus(first: 2) {
        nodes {
          code
          name
          price(quantity: 10) { unitPrice { amount currencyCode } priceList { name } }
          inventory { onHand available location { name } }
        }
      }
    }
  }
}`

export const inventoryStream = `subscription StockFeed {
  inventoryChanged {
    occurredAt
    reason
    delta
    level {
      available
      location { name }
      sku { code name }
    }
  }
}`

const myDeals = `query MyDeals {
  dealRegistrations(first: 10) {
    totalCount
    nodes {
      number
      state
      customer { name country }
      product { name family }
      estimatedValue { amount currencyCode }
      decisionDueAt
      commission { amount { amount currencyCode } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`

/** The page's three sample operations. */
export const sampleOperations: readonly SampleOperation[] = [
  { name: 'Partner home page', query: partnerHomePage, variables: { products: 5 } },
  { name: 'My deal registrations', query: myDeals, variables: {} },
  { name: 'Stock feed (live)', query: inventoryStream, variables: {} },
]
