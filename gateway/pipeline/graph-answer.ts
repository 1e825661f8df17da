import type { CodedError } from '../../kit/errors.ts'
import type { LimitReading } from '../cost/charge.ts'
import type { DataObject } from '../engine/data.ts'
import type { CachePolicy } from '../operation/cache-policy.ts'

interface AnswerParts {
  /** Absent when the operation was refused before it ran; `null` as a text when there is no data. */
  readonly dataText?: string | undefined
  readonly errors?: readonly CodedError[]
  readonly extensions?: Readonly<Record<string, unknown>>
  readonly limits?: readonly LimitReading[]
  readonly serverTiming?: string | null
  readonly caching?: CachePolicy | null
}

/**
 * The answer to one operation or one event. Its data is JSON text, which the projection writes once: a front sends
 * `body` as it is, and only a front that must have an object pays for parsing it.
 */
export class GraphAnswer {
  readonly dataText: string | undefined
  readonly errors: readonly CodedError[]
  readonly extensions: Readonly<Record<string, unknown>>
  /** How the limits stood that the operation had to pass, for the headers of an answer over HTTP. */
  readonly limits: readonly LimitReading[]
  /** The value of a Server-Timing header; null where nobody asked for one. */
  readonly serverTiming: string | null
  /** How long and by whom the answer may be kept from now on; null when it must not be. */
  readonly caching: CachePolicy | null
  #body: string | undefined
  #data: { readonly parsed: DataObject | null | undefined } | undefined

  constructor({
    dataText,
    errors = [],
    extensions = {},
    limits = [],
    serverTiming = null,
    caching = null,
  }: AnswerParts) {
    this.dataText = dataText
    this.errors = errors
    this.extensions = extensions
    this.limits = limits
    this.serverTiming = serverTiming
    this.caching = caching
  }

  /** The whole GraphQL response as JSON text, printed on first use; errors first, as the specification advises. */
  get body(): string {
    if (this.#body !== undefined) return this.#body
    // Concatenated and not joined: the text of a large answer is laid out in memory once, when it is sent.
    let text = this.errors.length > 0 ? `{"errors":${JSON.stringify(this.errors)}` : ''
    if (this.dataText !== undefined) text += `${text === '' ? '{' : ','}"data":${this.dataText}`
    const extensions = JSON.stringify(this.extensions)
    if (extensions !== '{}') text += `${text === '' ? '{' : ','}"extensions":${extensions}`
    this.#body = text === '' ? '{}' : `${text}}`
    return this.#body
  }

  /** The data as an object of the reader's own, parsed on first use; undefined when the operation was refused. */
  get data(): DataObject | null | undefined {
    this.#data ??= {
      parsed: this.dataText === undefined ? undefined : (JSON.parse(this.dataText) as DataObject | null),
    }
    return this.#data.parsed
  }
}
