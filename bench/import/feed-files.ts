import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Products to which the SKUs of the bench belong. */
const skusPerProduct = 20

export interface FeedFiles {
  readonly products: string
  readonly skus: string
  /** A count of the last SKU of all, which is refused until it is known. */
  readonly probe: string
  readonly stock: string
}

/** Writes the files of a distributor: its range, and a stock feed that goes round it with other counts each time. */
export async function writeFeedFiles(
  folder: string,
  extent: { readonly skus: number; readonly lines: number; readonly locations: readonly string[] },
): Promise<FeedFiles> {
  const { skus, lines, locations } = extent
  const files = {
    products: join(folder, 'products.csv'),
    skus: join(folder, 'skus.csv'),
    probe: join(folder, 'probe.csv'),
    stock: join(folder, 'stock.csv'),
  }
  const placeOf = (line: number): string => {
    const location = locations[Math.floor(line / skus) % locations.length]
    return `${code(line % skus)},${location}`
  }
  await write(files.products, 'externalId,name,family', Math.ceil(skus / skusPerProduct), (product) => {
    return `bench-${product},Bench product ${product},Bench family ${product % 50}`
  })
  await write(files.skus, 'code,product,name,gtin', skus, (sku) => {
    return `${code(sku)},bench-${Math.floor(sku / skusPerProduct)},Bench SKU ${sku},${gtin(sku)}`
  })
  await write(files.probe, 'skuCode,location,onHand', 1, () => `${placeOf(skus - 1)},1`)
  await write(files.stock, 'skuCode,location,onHand', lines, (line) => {
    const round = Math.floor(line / (skus * locations.length))
    return `${placeOf(line)},${1 + ((line + round * 7) % 997)}`
  })
  return files
}

function write(file: string, header: string, count: number, line: (index: number) => string): Promise<void> {
  function* text(): Generator<string, void, undefined> {
    yield `${header}\n`
    for (let index = 0; index < count; index += 1) yield `${line(index)}\n`
  }
  return pipeline(Readable.from(text()), createWriteStream(file))
}

function code(sku: number): string {
  return `BENCH-${sku}`
}

/** A GTIN-13 with its check digit, of a range that the demo does not use. */
function gtin(sku: number): string {
  const digits = String(500_000_000_000 + sku)
  let sum = 0
  for (let place = 0; place < digits.length; place += 1) sum += Number(digits[place]) * (place % 2 === 0 ? 1 : 3)
  return `${digits}${(10 - (sum % 10)) % 10}`
}
