import { expect, it } from 'vitest'
import { compareWithWhole } from './differential.ts'

it.each([
  ['rust', 'objects'],
  ['rust', 'text'],
  ['apollo', 'text'],
] as const)(
  'answers as one schema would, whatever the graph and the operation: %s planner, %s',
  async (planner, way) => {
    await expect(compareWithWhole({ planner, way, graphs: 12, operations: 8, seed: 1 })).resolves.toBeUndefined()
  },
)
