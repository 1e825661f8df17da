import { CommandError } from '../../errors.ts'
import { compileFilter } from '../compile-filter.ts'
import { isDoc } from '../value-type.ts'
import type { StageCompiler } from './stage.ts'

export const compileMatch: StageCompiler = (spec, { expressions }) => {
  if (!isDoc(spec)) throw new CommandError('Location15959', 'the match filter must be an expression in an object')
  const matches = compileFilter(spec, expressions)
  const take = (doc: Parameters<typeof matches>[0], emit: (doc: Parameters<typeof matches>[0]) => void): void => {
    if (matches(doc)) emit(doc)
  }
  return [{ kind: 'each', start: () => ({ take }) }]
}
