import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { compileSort } from '../compile-sort.ts'
import { sortInTurns } from '../sort-in-turns.ts'
import { isDoc } from '../value-type.ts'
import { MemoryMeter, sizeOfDoc } from './memory-meter.ts'
import { fromArray } from './run-stages.ts'
import type { Environment, StageCompiler, WholeStage } from './stage.ts'

export const compileSortStage: StageCompiler = (spec, { environment }) => {
  if (!isDoc(spec)) throw new CommandError('Location15973', 'the $sort key specification must be an object')
  if (Object.keys(spec).length === 0)
    throw new CommandError('Location15976', '$sort stage must have at least one sort key')
  return [sortStage(spec, environment)]
}

/** Sorts; with `most`, holds no more documents than about twice as many. */
export function sortStage(spec: Doc, environment: Environment, most?: number): WholeStage {
  const order = { compare: compileSort(spec), breathe: environment.breathe }
  return {
    kind: 'whole',
    async *run(source) {
      const meter = new MemoryMeter('Sort', environment.memoryLimitBytes)
      let docs: Doc[] = []
      for await (const doc of source) {
        meter.add(sizeOfDoc(doc))
        docs.push(doc)
        if (most !== undefined && docs.length >= most * 2 + 100) {
          docs = await sortInTurns(docs, order)
          for (const away of docs.slice(most)) meter.release(sizeOfDoc(away))
          docs = docs.slice(0, most)
        }
      }
      yield* fromArray(await sortInTurns(docs, order), environment)
    },
  }
}
