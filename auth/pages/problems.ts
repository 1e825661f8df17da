import { type Html, markup } from '../../kit/markup.ts'

/** What is wrong with a form, with the name of its field where there is one. */
export interface Problem {
  readonly label?: string | undefined
  readonly message: string
}

/** What was wrong with a form: a list at its top, announced by screen readers. */
export function problems(list: readonly Problem[]): Html | undefined {
  if (list.length === 0) return undefined
  const [only] = list
  if (list.length === 1 && only) return markup`<p class="problem" role="alert">${textOf(only)}</p>`
  const items = list.map((problem) => markup`<li>${textOf(problem)}</li>`)
  return markup`<div class="problem" role="alert"><ul>${items}</ul></div>`
}

function textOf({ label, message }: Problem): string {
  return label === undefined ? message : `${label}: ${message}`
}
