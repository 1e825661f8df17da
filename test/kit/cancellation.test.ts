import { describe, expect, it } from 'vitest'
import { Cancellation, abortSignalOf } from '../../kit/cancellation.ts'

describe('a cancellation', () => {
  it('tells every listener once, with the first reason', () => {
    const cancellation = new Cancellation()
    const told: unknown[] = []
    cancellation.addEventListener('abort', () => told.push(['first', cancellation.reason]))
    cancellation.addEventListener('abort', () => told.push(['second', cancellation.aborted]))
    expect(cancellation.aborted).toBe(false)
    cancellation.abort('because')
    cancellation.abort('again')
    expect(told).toEqual([
      ['first', 'because'],
      ['second', true],
    ])
    expect(cancellation.reason).toBe('because')
  })

  it('has the reason of an AbortController where none is given', () => {
    const cancellation = new Cancellation()
    cancellation.abort()
    expect(cancellation.reason).toMatchObject({ name: 'AbortError' })
  })

  it('tells nobody who has left, and all others where one leaves while it tells', () => {
    const cancellation = new Cancellation()
    const told: string[] = []
    const gone = (): void => void told.push('gone')
    const leaving = (): void => {
      told.push('leaving')
      cancellation.removeEventListener('abort', leaving)
      cancellation.removeEventListener('abort', later)
    }
    const later = (): void => void told.push('taken away by the one before')
    cancellation.addEventListener('abort', gone)
    cancellation.addEventListener('abort', leaving)
    cancellation.addEventListener('abort', later)
    cancellation.addEventListener('abort', () => told.push('last'))
    cancellation.removeEventListener('abort', gone)
    cancellation.abort()
    expect(told).toEqual(['leaving', 'last'])
  })

  it("ends Node's own signals, those made before and those made after", () => {
    const cancellation = new Cancellation()
    const before = abortSignalOf(cancellation)
    expect(before.aborted).toBe(false)
    cancellation.abort(new Error('over'))
    expect(before.reason).toEqual(new Error('over'))
    expect(abortSignalOf(cancellation).reason).toEqual(new Error('over'))
    const own = new AbortController()
    expect(abortSignalOf(own.signal)).toBe(own.signal)
  })
})
