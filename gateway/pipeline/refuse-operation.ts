import { CodedError, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { CostRefusal } from '../cost/cost-refusal.ts'
import { GraphAnswer } from './graph-answer.ts'

/** An operation that did not run: a coded error as it is, anything else as INTERNAL with its cause logged. */
export function refusal(error: unknown, request: { readonly requestId: string }, log: Logger): GraphAnswer {
  if (error instanceof CostRefusal) {
    return new GraphAnswer({ errors: [error], extensions: { cost: error.cost }, limits: error.readings })
  }
  if (isCodedError(error)) return new GraphAnswer({ errors: [error] })
  log.error({ err: error, requestId: request.requestId }, 'an operation failed')
  const { requestId } = request
  return new GraphAnswer({ errors: [new CodedError('INTERNAL', 'Something went wrong on our side.', { requestId })] })
}
