import { expect, it } from 'vitest'
import type { DocumentTrial } from '../../kit/document-trial.ts'
import { tryInParts } from '../../subgraphs/schemas/try-in-parts.ts'

const graph = { supergraphSdl: '', apiSdl: '' }
const trialOf = (texts: readonly string[]): DocumentTrial => ({
  before: graph,
  after: graph,
  documents: texts.map((text) => ({ text, scopes: [] })),
  budgetMs: 1_000,
})
/** A workshop that one document ends, and in which all others fail. */
const workshop = {
  tryDocuments({ documents }: DocumentTrial) {
    if (documents.some(({ text }) => text === 'deadly')) return Promise.reject(new Error('It was ended.'))
    const verdicts = documents.map((_, document) => ({
      document,
      operationName: null,
      edition: null,
      failure: { message: 'no', line: 1, column: 1 },
      cost: null,
      uses: [],
    }))
    return Promise.resolve({ verdicts, tried: documents.length, refusal: null })
  },
}
const texts = ['a', 'b', 'c', 'deadly', 'd', 'e', 'f']

it('finds the document that ends the workshop, and tries all others', async () => {
  const { verdicts, untried, reason } = await tryInParts(workshop, trialOf(texts), Infinity)
  expect(verdicts.map(({ document }) => texts[document])).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  expect([untried, reason]).toEqual([1, 'It was ended.'])
})

it('gives up when time is over, and says how many were left', async () => {
  expect(await tryInParts(workshop, trialOf(texts), -Infinity)).toMatchObject({ verdicts: [], untried: 7 })
})
