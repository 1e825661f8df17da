/** What products of a family have in common: how they vary, are packed and are priced. */
export interface DemoProductFamily {
  readonly family: string
  /** Begins the codes of its SKUs. */
  readonly codePrefix: string
  readonly pack: { readonly unit: string; readonly quantity: number }
  readonly minimumOrderQuantity: number
  readonly leadTimeDays: number
  /** Name, list price of the first variant in whole euros, one sentence. */
  readonly products: readonly (readonly [name: string, euros: number, description: string])[]
  /** Variant and its price as a multiple of the first one's. */
  readonly variants: readonly (readonly [label: string, priceFactor: number])[]
}

/** Most goods are packed one by one. */
export const piece = { unit: 'piece', quantity: 1 }
