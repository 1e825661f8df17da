import { expect, it } from 'vitest'
import { compareWithWhole } from '../gateway/differential.ts'

const seed = Number(process.env['DIFFERENTIAL_SEED'] ?? Date.now() % 1_000_000)
const graphs = Number(process.env['DIFFERENTIAL_GRAPHS'] ?? 150)

it.each([
  ['rust', 'objects'],
  ['rust', 'text'],
  ['apollo', 'objects'],
  ['apollo', 'text'],
] as const)(
  `answers as one schema would over ${graphs} graphs drawn from seed ${seed}: %s planner, %s`,
  async (planner, way) => {
    await expect(compareWithWhole({ planner, way, graphs, operations: 20, seed })).resolves.toBeUndefined()
  },
  900_000,
)
