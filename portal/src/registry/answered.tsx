import type { ReactNode } from 'react'
import { Notice } from '../page/notice.tsx'
import type { RegistryProblem } from './ask-registry.ts'
import { useRegistry } from './registry-context.ts'
import type { Answer } from './use-answer.ts'

export interface AnsweredProps<Data> {
  answer: Answer<Data>
  again: () => void
  /** What is being read, for those who wait. */
  loading: string
  children: (data: Data) => ReactNode
}

/** What an answer comes to: that it is awaited, why there is none, or what it says. */
export function Answered<Data>({ answer, again, loading, children }: AnsweredProps<Data>) {
  return (
    <div aria-live="polite" aria-busy={answer.state === 'loading'}>
      {answer.state === 'loading' && <p className="quiet waiting">{loading}</p>}
      {answer.state === 'failed' && <ProblemNotice problem={answer.problem} again={again} />}
      {answer.state === 'ready' && children(answer.data)}
    </div>
  )
}

/** Why there is no answer, with what helps: another key, or another try. */
export function ProblemNotice({ problem, again }: { problem: RegistryProblem; again: () => void }) {
  const { changeKey } = useRegistry()
  const action = problem.needsKey ? { label: 'Use another key', run: changeKey } : { label: 'Try again', run: again }
  return (
    <Notice tone="error" title={problem.title} action={action}>
      <p>{problem.message}</p>
    </Notice>
  )
}

/** That there is nothing to show, and what would change it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  )
}
