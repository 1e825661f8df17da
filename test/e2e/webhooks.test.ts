import { rm } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startReceiver } from '../webhooks/receiver.ts'
import { verify } from '../webhooks/verify.ts'
import { call } from './call.ts'
import { type Shape, seededDataDir, startProduct } from './product.ts'

describe.each<Shape>(['one process', 'split processes'])('webhooks of the product in %s', (shape) => {
  test('tell what the selection answers to the app, at its cost and within its permissions', async () => {
    await using receiver = await startReceiver()
    const dataDir = await seededDataDir()
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    const env = { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1/32' }
    await using product = await startProduct(shape, { dataDir, env })
    const create = (selection: string) =>
      call(
        product,
        product.portal,
        `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
          secret webhookEndpoint { id environment } userErrors { code message } } }`,
        { input: { url: `${receiver.url}/hooks`, types: ['inventory.adjusted'], selection } },
      )
    const wrong = await create('query ($skuId: ID!) { sku(id: $skuId) { nothing } }')
    expect(wrong.data.createWebhookEndpoint.userErrors).toMatchObject([{ code: 'INVALID_SELECTION' }])
    const { data, errors } = await create('query ($skuId: ID!) { sku(id: $skuId) { id code } me: myApp { id } }')
    expect(errors, product.output()).toBeUndefined()
    expect(data.createWebhookEndpoint.userErrors).toEqual([])
    const { secret } = data.createWebhookEndpoint as { secret: string }

    const levels = await call(
      product,
      product.operator,
      '{ inventoryLevels(first: 20) { nodes { available sku { id } location { id } } } }',
    )
    const level = levels.data.inventoryLevels.nodes.find(({ available }: { available: number }) => available > 5)
    const sold = await call(
      product,
      product.operator,
      `mutation ($adjustments: [InventoryAdjustmentInput!]!) {
        adjustInventory(input: { adjustments: $adjustments }) { userErrors { code message } } }`,
      { adjustments: [{ skuId: level.sku.id, locationId: level.location.id, delta: -1, reason: 'SALE' }] },
    )
    expect(sold.data.adjustInventory.userErrors).toEqual([])
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1)
    const body = verify(receiver.received[0], secret)
    expect(body).toMatchObject({ type: 'inventory.adjusted', data: { skuId: level.sku.id } })
    expect(body.data['graph']).toMatchObject({
      data: { sku: { id: level.sku.id }, me: { id: product.portal.appId } },
    })
    const polled = await call(
      product,
      product.portal,
      'query ($after: String) { eventLog { newest } events(after: $after, first: 1) { nodes { id } } }',
    )
    expect(polled.errors).toBeUndefined()
    expect(polled.data.events.nodes[0].id).toMatch(/^evt_/)
  }, 120_000)
})
