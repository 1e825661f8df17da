import { useCallback, useEffect, useState } from 'react'
import type { Credentials } from '../caller/credentials.ts'
import { askRegistry, RegistryProblem } from './ask-registry.ts'

export type Answer<Data> =
  | { state: 'loading' }
  | { state: 'failed'; problem: RegistryProblem }
  | { state: 'ready'; data: Data }

/** Asks the graph whenever the question changes, and again when `again` is called. */
export function useAnswer<Data>(
  credentials: Credentials,
  query: string,
  variables: Record<string, unknown>,
): { answer: Answer<Data>; again: () => void } {
  const [answer, setAnswer] = useState<Answer<Data>>({ state: 'loading' })
  const [attempt, setAttempt] = useState(0)
  // Compared by what it says: callers make it anew with each render.
  const question = JSON.stringify(variables)
  useEffect(() => {
    let current = true
    setAnswer({ state: 'loading' })
    askRegistry<Data>(credentials, query, JSON.parse(question) as Record<string, unknown>).then(
      (data) => current && setAnswer({ state: 'ready', data }),
      (error: unknown) => current && setAnswer({ state: 'failed', problem: asProblem(error) }),
    )
    return () => {
      current = false
    }
  }, [credentials, query, question, attempt])
  return { answer, again: useCallback(() => setAttempt((n) => n + 1), []) }
}

/** What was thrown, in words for people. */
export function asProblem(error: unknown): RegistryProblem {
  if (error instanceof RegistryProblem) return error
  const message = error instanceof Error ? error.message : String(error)
  return new RegistryProblem({ title: 'No answer', message })
}
