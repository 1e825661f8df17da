import { createStateMachine } from '../../../kit/state-machine.ts'

/** Whether a product or SKU can be ordered. */
export type GoodsStatus = 'ACTIVE' | 'DISCONTINUED'

const transitions: Readonly<Record<GoodsStatus, readonly GoodsStatus[]>> = {
  ACTIVE: ['DISCONTINUED'],
  DISCONTINUED: [],
}

export const productStatus = createStateMachine('product', transitions)

export const skuStatus = createStateMachine('SKU', transitions)
