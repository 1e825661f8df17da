import { type GraphClient, GraphError } from '../sdk/graph-client.ts'

/** A SKU at a warehouse, with what was available when it was last seen. */
export interface StockedSku {
  readonly skuId: string
  readonly code: string
  readonly name: string
  readonly productId: string
  readonly locationId: string
  readonly locationCode: string
  available: number
}

export interface Partner {
  readonly id: string
  readonly name: string
  readonly country: string
}

/** What there is to trade with. */
export interface Market {
  readonly stock: readonly StockedSku[]
  /** Partners in whose name deals are registered; none when the app may not. */
  readonly partners: readonly Partner[]
}

const stockQuery = /* GraphQL */ `
  query SimulatedStock($after: String) {
    skus(first: 50, after: $after) {
      nodes {
        id
        code
        name
        product {
          id
        }
        inventory {
          available
          location {
            id
            code
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`

const partnersQuery = /* GraphQL */ `
  query SimulatedPartners {
    organizations(first: 250) {
      nodes {
        id
        name
        status
        type
        country
      }
    }
  }
`

interface StockPage {
  readonly skus: {
    readonly nodes: readonly {
      readonly id: string
      readonly code: string
      readonly name: string
      readonly product: { readonly id: string }
      readonly inventory: readonly {
        readonly available: number
        readonly location: { readonly id: string; readonly code: string }
      }[]
    }[]
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  }
}

interface PartnersPage {
  readonly organizations: {
    readonly nodes: readonly {
      readonly id: string
      readonly name: string
      readonly status: string
      readonly type: string
      readonly country: string
    }[]
  }
}

/** Reads through the graph what can be sold where and by whom. */
export async function readMarket(graph: GraphClient): Promise<Market> {
  const stock: StockedSku[] = []
  let after: string | null = null
  do {
    // Each page begins where the one before ends.
    const page: StockPage = await graph.request<StockPage>(stockQuery, { after })
    for (const sku of page.skus.nodes) {
      for (const { available, location } of sku.inventory) {
        const { id: skuId, code, name } = sku
        const place = { locationId: location.id, locationCode: location.code }
        stock.push({ skuId, code, name, productId: sku.product.id, ...place, available })
      }
    }
    after = page.skus.pageInfo.hasNextPage ? page.skus.pageInfo.endCursor : null
  } while (after !== null)
  return { stock, partners: await readPartners(graph) }
}

/** Partners that trade, for an app of the platform operator; an app that may not read them makes no deals. */
async function readPartners(graph: GraphClient): Promise<Partner[]> {
  try {
    const { organizations } = await graph.request<PartnersPage>(partnersQuery)
    return organizations.nodes.filter(({ status, type }) => status === 'APPROVED' && type !== 'ISV')
  } catch (error) {
    if (error instanceof GraphError && error.code === 'FORBIDDEN') return []
    throw error
  }
}
