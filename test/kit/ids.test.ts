import { describe, expect, it } from 'vitest'
import { createId, idPrefixes, isIdOf, seededId } from '../../kit/ids.ts'

const types = Object.keys(idPrefixes) as (keyof typeof idPrefixes)[]

describe('an id', () => {
  it.each(types)('of %s has its prefix and is known as its type only', (type) => {
    for (const id of [createId(type), seededId(type, 'one')]) {
      expect(id.startsWith(`${idPrefixes[type]}_`)).toBe(true)
      expect(types.filter((other) => isIdOf(other, id))).toEqual([type])
    }
  })

  it('is never made twice, and later ones sort after earlier ones', async () => {
    const first = Array.from({ length: 5_000 }, () => createId('Event'))
    expect(new Set(first).size).toBe(first.length)
    const clock = Date.now()
    await expect.poll(() => Date.now()).toBeGreaterThan(clock + 1)
    const later = createId('Event')
    expect(first.every((id) => id < later)).toBe(true)
  })

  it('of seeded data is the same everywhere, and differs by name and type', () => {
    expect(seededId('Sku', 'a')).toBe(seededId('Sku', 'a'))
    const ids = [seededId('Sku', 'a'), seededId('Sku', 'b'), seededId('Product', 'a')].map((id) => id.split('_')[1])
    expect(new Set(ids).size).toBe(3)
  })

  it.each([
    '',
    'sku',
    'sku_',
    'SKU_1',
    'sku_A',
    'sku_1 ',
    ' sku_1',
    'sku_1\n',
    'sku_$ne',
    `sku_${'1'.repeat(41)}`,
    'skus_1',
  ])('is not %j', (text) => expect(isIdOf('Sku', text)).toBe(false))
})
