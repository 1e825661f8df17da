import { expect, it } from 'vitest'
import { describeCheck } from '../../cli/schema/schema-check.ts'

const problem = {
  severity: 'ERROR',
  subgraph: 'loyalty',
  line: 1,
  column: 1,
  hint: 'Talk to anna@example.com.',
  query: null,
} as const
const document = { line: null, column: null, costBefore: null, costAfter: null, costLimit: null }

it('prints each document that would fail or become dearer, below the problem that names the first of them', () => {
  const printed = describeCheck({
    passed: false,
    usageDays: 30,
    hints: [],
    changes: [],
    problems: [
      {
        ...problem,
        rule: 'TRUSTED_DOCUMENT',
        message: '2 trusted documents of Portal would fail: sha256:a (Home), the first of them, at 1:2: no such field',
        documents: [
          { ...document, documentId: 'sha256:a', operationName: 'Home', line: 1, column: 2 },
          { ...document, documentId: 'sha256:b', operationName: null, line: 3, column: 4 },
        ],
      },
      {
        ...problem,
        rule: 'OPERATION_COST',
        message: '2 trusted documents of Portal would cost more than the plan allows.',
        documents: [
          { ...document, documentId: 'sha256:c', operationName: null, costBefore: 1, costAfter: 200, costLimit: 100 },
          { ...document, documentId: 'sha256:d', operationName: 'List', costBefore: 2, costAfter: 300, costLimit: 100 },
        ],
      },
    ],
  })
  expect(printed.split('\n').slice(0, 6)).toEqual([
    'error    loyalty:1:1  TRUSTED_DOCUMENT  2 trusted documents of Portal would fail: sha256:a (Home), the first of them, at 1:2: no such field',
    '         sha256:b at 3:4',
    '         Talk to anna@example.com.',
    'error    loyalty:1:1  OPERATION_COST  2 trusted documents of Portal would cost more than the plan allows.',
    '         sha256:d (List) 2 points now and 300 then, of at most 100',
    '         Talk to anna@example.com.',
  ])
})
