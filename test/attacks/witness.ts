import { isErrorCode } from '../../kit/errors.ts'
import { apiSchema } from './api-schema.ts'
import type { Headers } from './attack-graph.ts'

export interface AnsweredError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

export interface Answer {
  readonly status: number
  readonly headers: globalThis.Headers
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are asserted on, not typed
  readonly data?: any
  readonly errors: readonly AnsweredError[]
  readonly extensions:
    | {
        readonly cost?: {
          readonly requestedQueryCost: number
          readonly actualQueryCost: number | null
          readonly throttleStatus: { readonly currentlyAvailable: number }
        }
      }
    | undefined
}

/** What no error may hold: where the fault is in our code, what is behind the door, or names that were not asked for. */
const secrets: readonly (readonly [string, RegExp])[] = [
  ['a suggestion', /did you mean/i],
  ['a stack trace', /stack|\bat .{1,80}:\d+:\d+/i],
  ['a file', /node_modules|[\w-]+\.(?:ts|js|mjs|cjs):\d+|file:\/\/|\/home\/|\/tmp\//],
  ['a subgraph', /subgraph|serviceName/i],
  ['the database', /mongo|CastError|E11000|BSON|ECONNREFUSED|collection/i],
  ['a fault of JavaScript', /cannot read|undefined is not|is not a function|\[object Object\]/i],
]

/** Types and fields of the graph that are about subgraphs, whose names an error repeats when they were asked for. */
const aboutSubgraphs = new RegExp(
  String.raw`\b(?:${Object.values(apiSchema.getTypeMap())
    .flatMap((type) => [type.name, ...('getFields' in type ? Object.keys(type.getFields()) : [])])
    .filter((name) => /.subgraph|subgraph../i.test(name))
    .join('|')})\b`,
  'g',
)

/** Sends requests to a door and looks at each answer for what must never be told. */
export function createWitness(url: string): {
  readonly leaks: readonly string[]
  look(text: string): void
  send(request: RequestInit, path?: string): Promise<Answer>
  ask(as: Headers, query: string, variables?: Readonly<Record<string, unknown>>): Promise<Answer>
} {
  const leaks: string[] = []
  const look = (text: string): void => {
    for (const error of errorsOf(text)) {
      // The codes SUBGRAPH_… say that one failed, not which.
      const told = JSON.stringify(error)
        .replace(/"SUBGRAPH_[A-Z]+"/, '""')
        .replaceAll(aboutSubgraphs, '')
        // An input of the graph has a field of this name, which GraphQL quotes.
        .replaceAll(String.raw`\"subgraph\"`, '')
      for (const [what, pattern] of secrets) if (pattern.test(told)) leaks.push(`${what}: ${told}`)
      if (!isErrorCode(error.extensions?.['code'])) leaks.push(`no code: ${told}`)
      if (error.extensions?.['code'] === 'INTERNAL') leaks.push(`a fault inside: ${told}`)
    }
  }
  const send = async (request: RequestInit, path = '/graphql'): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, request)
    const text = await response.text()
    look(text)
    if (response.status >= 500 && !isLate(text)) leaks.push(`status ${response.status}: ${text}`)
    const { data, extensions }: Pick<Answer, 'data' | 'extensions'> = parsed(text)
    return { status: response.status, headers: response.headers, text, data, extensions, errors: errorsOf(text) }
  }
  return {
    leaks,
    look,
    send,
    async ask(as, query, variables = {}) {
      // In this media type a document that is refused has a status of its own.
      const headers = { accept: 'application/graphql-response+json', 'content-type': 'application/json', ...as }
      const request = { method: 'POST', headers, body: JSON.stringify({ query, variables }) }
      const answer = await send(request)
      // A machine that is busy with other tests may need longer than an operation may take; that says nothing of an attack.
      return isQuery.test(query) && isLate(answer.text) ? send(request) : answer
    },
  }
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers are asserted on, not typed
function parsed(text: string): any {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    return {}
  }
}

/** Mutations are not sent twice. */
const isQuery = /^\s*(?:query|\{)/

function isLate(text: string): boolean {
  return errorsOf(text).some(({ extensions }) => extensions?.['code'] === 'SUBGRAPH_TIMEOUT')
}

function errorsOf(text: string): readonly AnsweredError[] {
  const { errors }: { readonly errors?: unknown } = parsed(text)
  return Array.isArray(errors) ? (errors as AnsweredError[]) : []
}
