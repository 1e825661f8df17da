import { CommandError } from '../../errors.ts'
import { integerArgument } from '../integer-argument.ts'
import { isNumber } from '../value-type.ts'
import type { StageCompiler } from './stage.ts'

export const compileLimit: StageCompiler = (spec) => {
  const limit = countOf(spec, '$limit')
  if (limit === 0) throw new CommandError('Location15958', 'the limit must be positive')
  return [
    {
      kind: 'each',
      start() {
        let left = limit
        return {
          take(doc, emit) {
            if (left <= 0) return
            left -= 1
            emit(doc)
          },
          isDone: () => left === 0,
        }
      },
    },
  ]
}

export const compileSkip: StageCompiler = (spec) => {
  const skip = countOf(spec, '$skip')
  return [
    {
      kind: 'each',
      start() {
        let left = skip
        return {
          take(doc, emit) {
            if (left === 0) emit(doc)
            else left -= 1
          },
        }
      },
    },
  ]
}

function countOf(spec: unknown, stage: '$limit' | '$skip'): number {
  const code = stage === '$limit' ? 'Location2107201' : 'Location5107200'
  const count = integerArgument(spec)
  if (!isNumber(spec) || count === undefined || count < 0) {
    throw new CommandError(code, `invalid argument to ${stage} stage: Expected a non-negative whole number`)
  }
  return count
}
