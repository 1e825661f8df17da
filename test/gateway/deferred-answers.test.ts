import * as fc from 'fast-check'
import { Kind, parse, print, validate, visit } from 'graphql'
import { expect, it } from 'vitest'
import { difference } from './compare-answers.ts'
import { generateGraph } from './generated-graph.ts'
import { generateOperation } from './generated-operation.ts'
import { mergeParts } from './merge-parts.ts'
import { createMiniGraph } from './mini-graph.ts'

const limits = { bucketSize: 1e12, maxQueryCost: 1e12 }

it('answers in parts what it answers whole, whatever is deferred', { timeout: 120_000 }, async () => {
  let inParts = 0
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (draw) => {
      const generated = generateGraph(draw, { faults: false })
      const graph = await createMiniGraph(generated.subgraphs)
      for (let count = 0; count < 8; count++) {
        let deferred = 0
        // Some fragments are deferred, and some selections become fragments that are.
        const document = visit(parse(generateOperation(draw, generated)), {
          InlineFragment(fragment) {
            if (fragment.directives?.length || deferred >= 12 || !draw(fc.boolean)) return undefined
            deferred += 1
            return { ...fragment, directives: [defer] }
          },
          SelectionSet: {
            leave(set) {
              if (deferred >= 12 || set.selections.length < 2 || !draw(fc.boolean)) return undefined
              deferred += 1
              const at = draw(fc.integer, { min: 0, max: set.selections.length - 1 })
              const later = set.selections.slice(at)
              const fragment = {
                kind: Kind.INLINE_FRAGMENT,
                directives: [defer],
                selectionSet: { kind: Kind.SELECTION_SET, selections: later },
              } as const
              return { ...set, selections: [...set.selections.slice(0, at), fragment] }
            },
          },
        })
        const [fault] = validate(graph.snapshot.apiSchema, document)
        if (fault) throw fault
        const whole = await graph.run(document, { limits })
        const answer = await graph.runInParts(document, { limits })
        if (!('length' in answer)) {
          expect(answer.dataText).toBe(whole.dataText)
          continue
        }
        inParts += 1
        expect(answer.map(({ hasNext }) => hasNext)).toEqual([...answer.slice(1).map(() => true), false])
        const merged = mergeParts(answer)
        const found = difference(merged, { data: whole.data, errors: whole.errors })
        if (found === null) continue
        const told = JSON.stringify({ answer, whole: whole.data, fetches: graph.fetches }, null, 1)
        throw new Error(`${found} differs of ${print(document)}\n${told}`)
      }
    }),
    { numRuns: 12, seed: 7, endOnFailure: true },
  )
  expect(inParts).toBeGreaterThan(20)
})

const defer = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'defer' } } as const
