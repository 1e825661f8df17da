import { describe, expect, it } from 'vitest'
import { startReceiver } from '../webhooks/receiver.ts'
import { verify } from '../webhooks/verify.ts'
import { call } from './call.ts'
import type { Product } from './product.ts'

/** What a product that may call this machine tells the webhooks of its apps. */
export function describeWebhooks(given: () => Product): void {
  describe('its webhooks', () => {
    it('tell what the selection answers to the app, at its cost and within its permissions', async () => {
      const product = given()
      await using receiver = await startReceiver()
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
        '{ inventoryLevels(first: 50) { nodes { available sku { id } location { id } } } }',
      )
      // Other tests sell of the first ones, and what they did may still be told.
      const level = levels.data.inventoryLevels.nodes.findLast(({ available }: { available: number }) => available > 5)
      const sold = await call(
        product,
        product.operator,
        `mutation ($adjustments: [InventoryAdjustmentInput!]!) {
          adjustInventory(input: { adjustments: $adjustments }) { userErrors { code message } } }`,
        { adjustments: [{ skuId: level.sku.id, locationId: level.location.id, delta: -1, reason: 'SALE' }] },
      )
      expect(sold.data.adjustInventory.userErrors).toEqual([])
      const told = () =>
        receiver.received
          .map((message) => verify(message, secret))
          .filter((message) => message.data['skuId'] === level.sku.id)
      await expect.poll(() => told().length).toBe(1)
      expect(told()).toMatchObject([
        {
          type: 'inventory.adjusted',
          data: { graph: { data: { sku: { id: level.sku.id }, me: { id: product.portal.appId } } } },
        },
      ])
      const polled = await call(
        product,
        product.portal,
        'query ($after: String) { eventLog { newest } events(after: $after, first: 1) { nodes { id } } }',
      )
      expect(polled.errors).toBeUndefined()
      expect(polled.data.events.nodes[0].id).toMatch(/^evt_/)
    })
  })
}
