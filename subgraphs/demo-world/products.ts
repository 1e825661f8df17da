import { seededId } from '../../kit/ids.ts'
import { wholeBetween } from './deterministic.ts'
import { gtin13 } from './gtin.ts'
import { peripheralFamilies } from './peripheral-families.ts'
import type { DemoProductFamily } from './product-family.ts'
import { systemFamilies } from './system-families.ts'

export interface DemoSku {
  readonly id: string
  readonly code: string
  readonly name: string
  readonly gtin: string
  readonly pack: { readonly unit: string; readonly quantity: number }
  readonly minimumOrderQuantity: number
  readonly leadTimeDays: number
  readonly productId: string
  readonly discontinued: boolean
  /** The default list price of one pack, in euro cents. */
  readonly listPriceMinorUnits: number
}

export interface DemoProduct {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly family: string
  readonly description: string
  readonly status: 'ACTIVE' | 'DISCONTINUED'
  readonly skus: readonly DemoSku[]
}

/** 2 marks numbers for use within a company (GS1), so that no demo article carries a real one's GTIN. */
const gtinStart = '24071'

function createProduct(
  { family, codePrefix, pack, minimumOrderQuantity, leadTimeDays, products, variants }: DemoProductFamily,
  familyIndex: number,
  productIndex: number,
): DemoProduct {
  const [name, euros, description] = products[productIndex] ?? ['', 0, '']
  const slug = slugOf(name)
  const id = seededId('Product', slug)
  const discontinued = wholeBetween(`discontinued:${slug}`, 1, 20) === 1
  const skus = variants.map(([label, factor], variantIndex): DemoSku => {
    const code = `${codePrefix}-${familyIndex + 1}${productIndex + 1}0-${String.fromCodePoint(65 + variantIndex)}`
    const article = familyIndex * 1_000 + productIndex * 100 + variantIndex * 10 + 1
    return {
      id: seededId('Sku', code),
      code,
      name: `${name}, ${label}`,
      gtin: gtin13(gtinStart + String(article).padStart(7, '0')),
      pack,
      minimumOrderQuantity,
      leadTimeDays: leadTimeDays + wholeBetween(`lead:${code}`, 0, 4),
      productId: id,
      discontinued,
      listPriceMinorUnits: pricePoint(euros * factor),
    }
  })
  return { id, slug, name, family, description, status: discontinued ? 'DISCONTINUED' : 'ACTIVE', skus }
}

/** List prices of the trade end on 90 cents, or on nine euros for the dearer goods. */
function pricePoint(euros: number): number {
  return euros < 500 ? Math.max(1, Math.round(euros)) * 100 - 10 : Math.round(euros / 10) * 1_000 - 100
}

function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}

/** The catalog of the demo: 16 families of 5 products with 5 variants each. */
export const demoProducts: readonly DemoProduct[] = [...systemFamilies, ...peripheralFamilies].flatMap(
  (family, familyIndex) =>
    family.products.map((_row, productIndex) => createProduct(family, familyIndex, productIndex)),
)

export const demoSkus: readonly DemoSku[] = demoProducts.flatMap(({ skus }) => skus)

const bySlug = new Map(demoProducts.map((product) => [product.slug, product]))

/** One product of the demo by its slug. */
export function demoProduct(slug: string): DemoProduct {
  const product = bySlug.get(slug)
  if (!product) throw new Error(`no demo product ${slug}`)
  return product
}
