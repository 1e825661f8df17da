import type { CodedError } from '../../../kit/errors.ts'

/** What an event source throws that has refused to be opened: asking again would be no use. */
export class SourceRefused<Answer = unknown> extends Error {
  /** The reason, for readers that a stream is taken from. */
  readonly reason: CodedError
  /** All that the subgraph answered, for the one that asked. */
  readonly answer: Answer

  constructor(reason: CodedError, answer: Answer) {
    super(reason.message, { cause: reason })
    this.name = 'SourceRefused'
    this.reason = reason
    this.answer = answer
  }
}
