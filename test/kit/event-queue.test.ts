import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createQueue } from '../../kit/event-queue.ts'
import { SlowReaderError } from '../../kit/events.ts'

function openQueue(limit = 10) {
  let ends = 0
  const queue = createQueue<number>({ limit, onEnd: () => ends++ })
  const { iterator } = queue
  return { ...queue, next: () => iterator.next(), return: () => iterator.return?.(), ends: () => ends }
}

const done = { done: true, value: undefined }

describe('a queue', () => {
  it('gives its reader every item in order, however pushing and reading take turns', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 200 }), async (turns) => {
        const queue = openQueue(1_000)
        const read: Promise<IteratorResult<number, undefined>>[] = []
        let pushed = 0
        for (const isPush of turns) {
          if (isPush) queue.push(pushed++)
          // `for await` asks for one item at a time.
          else if (read.length <= pushed) read.push(queue.next())
        }
        queue.end()
        while (read.length <= pushed) read.push(queue.next())
        const results = await Promise.all(read)
        expect(results.filter((result) => !result.done).map(({ value }) => value)).toEqual(
          Array.from({ length: pushed }, (_, item) => item),
        )
        expect(results.at(-1)).toEqual(done)
        expect(queue.ends()).toBe(1)
      }),
    )
  })

  it('holds as many items as its limit, then fails and takes no more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), async (limit, beyond) => {
        const queue = openQueue(limit)
        for (let item = 0; item < limit; item++) queue.push(item)
        expect(queue.ends()).toBe(0)
        for (let item = 0; item < beyond; item++) queue.push(limit + item)
        expect(queue.ends()).toBe(1)
        for (let item = 0; item < limit; item++) expect(await queue.next()).toEqual({ done: false, value: item })
        await expect(queue.next()).rejects.toBeInstanceOf(SlowReaderError)
        expect(await queue.next()).toEqual(done)
      }),
    )
  })

  it('lets go at once when the reader returns while it waits', async () => {
    const queue = openQueue()
    const waiting = queue.next()
    expect(await queue.return()).toEqual(done)
    expect(await waiting).toEqual(done)
    expect(queue.ends()).toBe(1)
    queue.push(1)
    expect(await queue.next()).toEqual(done)
  })

  it('drops what waits when the reader returns, and lets go once only', async () => {
    const queue = openQueue()
    queue.push(1)
    await queue.return()
    await queue.return()
    queue.fail(new Error('late'))
    queue.end()
    expect(await queue.next()).toEqual(done)
    expect(queue.ends()).toBe(1)
  })

  it('tells a reader that waits of a failure, and one that is behind after what came before it', async () => {
    const broken = new Error('broken')
    const waiting = openQueue()
    const next = waiting.next()
    waiting.fail(broken)
    await expect(next).rejects.toBe(broken)
    expect(await waiting.next()).toEqual(done)

    const behind = openQueue()
    behind.push(1)
    behind.fail(broken)
    expect(await behind.next()).toEqual({ done: false, value: 1 })
    await expect(behind.next()).rejects.toBe(broken)
    expect(await behind.next()).toEqual(done)
  })

  it('is read by `for await`, which lets go when it is left', async () => {
    const queue = openQueue()
    for (const item of [1, 2, 3]) queue.push(item)
    const read: number[] = []
    for await (const item of queue.iterator) {
      read.push(item)
      if (item === 2) break
    }
    expect(read).toEqual([1, 2])
    expect(queue.ends()).toBe(1)
  })
})
