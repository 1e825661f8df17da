import { vi } from 'vitest'
import { demoSkus } from '../../subgraphs/demo-world/products.ts'
import type { AttackGraph } from './attack-graph.ts'

/**
 * Has an app leave a record of the kinds that the demo has few of, each with a text of its own: a draft of a deal,
 * an invitation, an app, an import. The app needs `bulk:write` and `inventory:write`.
 */
export async function leaveTraces(graph: AttackGraph, slug: string): Promise<void> {
  const leave = async (name: string, fields: string, input: object): Promise<string> => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { made: ${fields} { id } userErrors { code } } }`
    const { data, text } = await graph.ask(graph.key(slug), query, { input })
    const id: unknown = data?.[name]?.made?.id
    if (typeof id !== 'string') throw new Error(`${name} left nothing: ${text}`)
    return id
  }
  const sku = demoSkus[0]
  await leave('saveDealDraft', 'dealRegistration', {
    customer: { name: `Quiet customer of ${slug}`, domain: `quiet-${slug}.example`, country: 'DE' },
    productId: sku?.productId,
  })
  await leave('inviteMember', 'invitation', { email: `quiet@${slug}.example`, role: 'SALES' })
  await leave('registerApp', 'app', {
    name: `Quiet app of ${slug}`,
    environment: 'SANDBOX',
    scopes: ['catalog:read'],
    redirectUris: [`https://quiet-${slug}.example/back`],
  })
  const importJobId = await leave('startImport', 'importJob', {
    kind: 'inventory-levels',
    format: 'CSV',
    externalId: `quiet import of ${slug}`,
  })
  const lines = `skuCode,location,onHand\nquiet line of ${slug},FRA1,7\n`
  await leave('appendImport', 'importJob', { importJobId, sequence: 0, data: lines })
  await leave('finishImport', 'importJob', { importJobId, chunks: 1 })
  const query = 'query ($id: ID!) { importJob(id: $id) { refusedLines { totalCount } state } }'
  const isDone = async (): Promise<void> => {
    const { data, text } = await graph.ask(graph.key(slug), query, { id: importJobId })
    if (data?.importJob.state !== 'COMPLETED' || data.importJob.refusedLines.totalCount !== 1) throw new Error(text)
  }
  await vi.waitFor(isDone, { timeout: 20_000, interval: 100 })
}
