import { expect, it } from 'vitest'
import { UsageError, defineBench } from '../../bench/bench.ts'
import { parsePrintedCurl } from '../../bench/measure/printed-curl.ts'
import { spreadOf } from '../../bench/measure/statistics.ts'
import { demoCredentials } from '../../gateway/demo/demo.ts'
import { partnerHomePage } from '../../gateway/demo/sample-operations.ts'
import { startPrint } from '../../gateway/demo/start-print.ts'

const bench = defineBench({
  name: 'example',
  summary: 'An example.',
  options: { times: { doc: 'how often', default: 3 }, split: { doc: 'or not', default: false } },
  run: async (values) => values,
})
const run = (...args: string[]) => bench.run(args, () => undefined)

it('gives a bench its options, or their defaults', async () => {
  expect(await run()).toEqual({ times: 3, split: false })
  expect(await run('--times', '0.5', '--split')).toEqual({ times: 0.5, split: true })
})

it.each([['--times', 'many'], ['--times', '-1'], ['--times', ''], ['--unknown'], ['word']])(
  'refuses %s %s',
  (...args) => {
    expect(() => run(...args)).toThrow(UsageError)
  },
)

it('reads the query, the address and the credentials from what a start prints', () => {
  const demo = demoCredentials('a secret of at least 32 characters')
  const { url, headers, body } = parsePrintedCurl(startPrint('http://localhost:4000', demo).split('\n'))
  expect(url).toBe('http://localhost:4000/graphql')
  expect(headers).toEqual({
    'content-type': 'application/json',
    'x-tributary-app': demo[0]?.appId,
    'x-tributary-key': demo[0]?.key,
  })
  expect(JSON.parse(body)).toEqual({ query: partnerHomePage.replaceAll(/\s+/g, ' ') })
})

it('takes the middle of measurements, or between the two in the middle', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 })
})
