import { CodedError } from '../../kit/errors.ts'

/** What readers are told when their gateway goes away: where another one goes on. */
export function serverClosing(cursor: string | null): CodedError {
  return new CodedError(
    'SERVER_CLOSING',
    'This gateway is closing: connect anew, and go on after the cursor.',
    cursor === null ? {} : { cursor },
  )
}
