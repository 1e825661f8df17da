import { systemCaller } from '../../kit/caller.ts'
import type { SystemQuery } from '../identity/identity-directory.ts'

const question = '{ eventLog { newest } }'

/** The cursor behind the newest event of the log; null when the log does not tell it. */
export async function readNewestEvent(query: SystemQuery): Promise<string | null> {
  const { data } = await query('events', question, {}, systemCaller([]))
  const log = data?.['eventLog']
  if (typeof log !== 'object' || log === null || !('newest' in log)) return null
  return typeof log.newest === 'string' ? log.newest : null
}
