import { Int32 } from 'bson'
import { CommandError } from '../../errors.ts'
import { isDoc } from '../value-type.ts'
import { countValue } from './accumulators.ts'
import { compileGroup } from './group-stage.ts'
import { sortStage } from './sort-stage.ts'
import type { StageCompiler } from './stage.ts'

export const compileCount: StageCompiler = (spec) => {
  if (typeof spec !== 'string' || spec === '')
    throw new CommandError('Location40156', 'the count field must be a non-empty string')
  if (spec.startsWith('$')) throw new CommandError('Location40158', 'the count field cannot be a $-prefixed path')
  if (spec.includes('\0')) throw new CommandError('Location40159', 'the count field cannot contain a null byte')
  if (spec.includes('.')) throw new CommandError('Location40160', "the count field cannot contain '.'")
  return [
    {
      kind: 'whole',
      async *run(source) {
        let count = 0
        // oxlint-disable-next-line no-unused-vars -- only how many there are matters
        for await (const _doc of source) count += 1
        if (count > 0) yield { [spec]: countValue(count) }
      },
    },
  ]
}

export const compileSortByCount: StageCompiler = (spec, context) => {
  const isExpression = isDoc(spec)
    ? Object.keys(spec)[0]?.startsWith('$') === true
    : typeof spec === 'string' && spec.startsWith('$')
  if (!isExpression) {
    throw new CommandError(
      'Location40149',
      'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
    )
  }
  const group = compileGroup({ _id: spec, count: { $sum: new Int32(1) } }, context)
  return [...group, sortStage({ count: new Int32(-1) }, context.environment)]
}
