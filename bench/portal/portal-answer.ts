import { z } from 'zod'

const named = z.object({ name: z.string().min(1) })
const money = z.object({ amount: z.string().regex(/^\d+\.\d\d$/), currencyCode: z.string().length(3) })
const page = <Node extends z.ZodType>(node: Node) => z.object({ nodes: z.array(node).min(1) })

const sku = z.object({
  code: z.string().min(1),
  price: z.object({ unitPrice: money, priceList: named }),
  inventory: z.array(z.object({ onHand: z.number(), available: z.number(), location: named })),
})
const portalHomePage = z.object({
  myOrganization: named.extend({
    tier: named,
    apps: page(named.extend({ plan: named })),
    dealRegistrations: page(z.object({ number: z.string(), customer: named, product: named })),
    invoices: page(z.object({ total: money })),
  }),
  products: page(named.extend({ skus: page(sku) })),
})

/** Throws unless the answer to the portal's home page holds data of all five subgraphs. */
export function checkPortalAnswer(data: unknown): void {
  portalHomePage.parse(data)
}
