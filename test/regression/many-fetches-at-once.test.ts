import { expect, it } from 'vitest'
import { withDeadline } from '../../kit/with-deadline.ts'

it('lets an operation wait for many fetches at once without a warning of a leak', async () => {
  const warnings: string[] = []
  const note = (warning: Error): void => void warnings.push(warning.name)
  process.on('warning', note)
  await withDeadline(new AbortController().signal, 1_000, (signal) => {
    for (let fetch = 0; fetch < 50; fetch += 1) signal.addEventListener('abort', () => undefined, { once: true })
    return Promise.resolve()
  })
  // Warnings are told in a later turn.
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', note)
  expect(warnings).toEqual([])
})
