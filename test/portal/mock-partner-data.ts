import { EventEmitter, on, once } from 'node:events'

export const mockSchema = /* GraphQL */ `
  "What a partner may ask."
  type Query {
    "The caller's organization."
    organization: Organization
    "Products that the caller may see."
    products(first: Int = 10): [Product!]!
  }
  type Organization {
    name: String!
    tier: String!
    openInvoices: Int!
  }
  type Product {
    sku: String!
    name: String!
    price: Money!
  }
  type Money {
    amount: String!
    currencyCode: String!
  }
  type Subscription {
    "Stock as it moves."
    inventoryChanged: InventoryLevel!
  }
  type InventoryLevel {
    sku: String!
    location: String!
    available: Int!
  }
`

/** The seeded app that the page may call as. */
export const demoCaller = {
  appId: 'app_01k9harborview',
  key: 'trb_test_4nQm8WvZ2xKpR7sLtY3b',
  appName: 'Harborview Partner Portal',
  organizationName: 'Harborview Systems',
  planName: 'Growth',
  scopes: ['partner:read', 'catalog:read', 'deals:read', 'deals:write', 'inventory:read', 'billing:read'],
}

const samples = [
  {
    name: 'Partner home page',
    query: `# My organization, my catalog with my price.
query PartnerHomePage($first: Int!) {
  organization {
    name
    tier
    openInvoices
  }
  products(first: $first) {
    sku
    name
    price {
      amount
      currencyCode
    }
  }
}`,
    variables: { first: 3 },
  },
  {
    name: 'My organization',
    query: 'query MyOrganization {\n  organization {\n    name\n    tier\n  }\n}',
    variables: {},
  },
  {
    name: 'Live inventory',
    query: 'subscription LiveInventory {\n  inventoryChanged {\n    sku\n    location\n    available\n  }\n}',
    variables: {},
  },
]

/** What `GET /portal/session` answers. */
export function demoSession(offered: boolean) {
  return { demo: offered ? demoCaller : null, samples, version: '0.1.0', editions: [] }
}

type InventoryEvent = { sku: string; location: string; available: number }

const price = (amount: string) => ({ amount, currencyCode: 'EUR' })

const products = [
  { sku: 'sku_rt4100', name: 'RT-4100 branch router', price: price('1249.00') },
  { sku: 'sku_ap650', name: 'AP-650 ceiling access point', price: price('389.50') },
  { sku: 'sku_sw24p', name: 'SW-24P access switch, PoE+', price: price('842.00') },
]

/** Root resolvers over a little data, and the way to make stock move. */
export function mockData() {
  const stock = new EventEmitter()

  /** Event-driven, so that a client that leaves between two events is noticed at once. */
  function inventoryChanged(): AsyncIterableIterator<unknown> {
    const events = on(stock, 'changed')
    const ended = { done: true as const, value: undefined }
    stock.emit('subscribed')
    return {
      [Symbol.asyncIterator]() {
        return this
      },
      async next() {
        const { done, value } = (await events.next()) as IteratorResult<[InventoryEvent]>
        return done ? ended : { done: false, value: { inventoryChanged: value[0] } }
      },
      async return() {
        await events.return?.()
        stock.emit('unsubscribed')
        return ended
      },
    }
  }

  return {
    subscribed: once(stock, 'subscribed'),
    unsubscribed: once(stock, 'unsubscribed'),
    publish: (event: InventoryEvent) => stock.emit('changed', event),
    root: {
      organization: { name: demoCaller.organizationName, tier: 'Gold', openInvoices: 2 },
      products: ({ first }: { first: number }) => products.slice(0, first),
      inventoryChanged,
    },
  }
}
