import type { CostModel } from './cost-model.ts'

/** Points of an answer that was kept: no subgraph works for it, but it is not for nothing. */
const keptAnswerCost = 1

/** The cost of an operation whose answer is there already. It is a call like any other, of each field that it names. */
export function costOfKeptAnswer(model: CostModel): CostModel {
  return { ...model, estimate: () => keptAnswerCost, actual: () => keptAnswerCost }
}
