import { expect, test } from 'vitest'
import { shapeOf } from '../../../storage/embedded/query/filter/regex-cost.ts'

test.each<[source: string, repetitions: number, nested: boolean]>([
  ['abc', 0, false],
  ['^a+b*$', 2, false],
  [String.raw`\+\*[*+]`, 0, false],
  ['(?:ab)+c?', 2, false],
  ['(a+)+', 2, true],
  ['(?:a|aa)*', 1, true],
  ['((a+))*', 2, true],
  ['(?:a?){30}', 2, true],
  ['(a|b)c+', 1, false],
  [String.raw`(?<=\n)x{2,}`, 1, false],
])('%s has %i repetitions, nested: %s', (source, repetitions, nested) => {
  expect(shapeOf(source)).toEqual({ repetitions, nested })
})
