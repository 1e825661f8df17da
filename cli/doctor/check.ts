import { UnreachableError, reasonOf } from '../../sdk/graph-client.ts'

/** What one look has found; `fix` tells what to do about what is red. */
export interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
  readonly ms: number | null
  readonly fix: string | null
}

/** An answer over HTTP with what doctors look at. */
export interface Answer {
  readonly status: number
  readonly text: string
  readonly json: unknown
  readonly headers: Headers
  readonly ms: number
  /** When it was asked and answered, in milliseconds since 1970. */
  readonly between: readonly [number, number]
}

/** As long as the gateway gives an operation: a machine that is busy is not one that is away. */
const deadlineMs = 10_000

/** Something that is as it should be. */
export function green(check: string, detail: string, ms: number | null = null): Finding {
  return { check, ok: true, detail, ms, fix: null }
}

/** Something that is not, and what to do about it. */
export function red(check: string, detail: string, fix: string): Finding {
  return { check, ok: false, detail, ms: null, fix }
}

/** Asks over HTTP within ten seconds. Throws UnreachableError with what TCP, DNS or TLS say. */
export async function ask(url: string, init: RequestInit & { readonly signal: AbortSignal }): Promise<Answer> {
  const before = Date.now()
  const begun = performance.now()
  const signal = AbortSignal.any([init.signal, AbortSignal.timeout(deadlineMs)])
  try {
    const response = await fetch(url, { ...init, signal })
    const text = await response.text()
    const ms = Math.round(performance.now() - begun)
    const { status, headers } = response
    return { status, headers, text, json: parse(text), ms, between: [before, Date.now()] }
  } catch (error) {
    init.signal.throwIfAborted()
    throw new UnreachableError(reasonOf(error))
  }
}

/** A part of an answer, by its path; undefined where there is none. */
export function at(json: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? (value as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    json,
  )
}

/** A value of an answer in words. */
export function words(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
