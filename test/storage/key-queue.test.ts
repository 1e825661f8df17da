import { expect, it } from 'vitest'
import { createKeyQueue } from '../../storage/key-queue.ts'

it('runs what shares a key one after the other in the order of arrival, and the rest beside it', async () => {
  const queue = createKeyQueue()
  const log: string[] = []
  const gates = new Map<string, () => void>()
  const work = (name: string, keys: readonly string[]) =>
    queue.run(keys, async () => {
      log.push(`${name} begins`)
      await new Promise<void>((resolve) => gates.set(name, resolve))
      log.push(`${name} ends`)
    })
  const a = work('a', ['x'])
  const b = work('b', ['y', 'x'])
  const c = work('c', ['y'])
  const d = work('d', ['z'])
  await new Promise((resolve) => setImmediate(resolve))
  expect(log).toEqual(['a begins', 'd begins'])
  gates.get('d')?.()
  await d
  gates.get('a')?.()
  await a
  await new Promise((resolve) => setImmediate(resolve))
  expect(log.slice(2)).toEqual(['d ends', 'a ends', 'b begins'])
  gates.get('b')?.()
  await b
  await new Promise((resolve) => setImmediate(resolve))
  gates.get('c')?.()
  await c
  expect(log.slice(-3)).toEqual(['b ends', 'c begins', 'c ends'])
})

it('goes on after a failure, which only its own caller learns of', async () => {
  const queue = createKeyQueue()
  const failed = queue.run(['x'], () => Promise.reject(new Error('no')))
  const next = queue.run(['x'], () => Promise.resolve('yes'))
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('yes')
})
