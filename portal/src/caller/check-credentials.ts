import { readQueryCost, type ThrottleStatus } from '../cost/query-cost.ts'
import { postOperation } from '../graph/post-operation.ts'
import type { Credentials } from './credentials.ts'

/** The verdict on an app id and key, with the app's bucket where the answer told it. */
export type CredentialsVerdict =
  | { accepted: true; bucket: ThrottleStatus | null }
  | { accepted: false; message: string }

/** Asks the smallest question there is, to learn whether the credentials hold. Throws when nobody answers. */
export async function checkCredentials(credentials: Credentials): Promise<CredentialsVerdict> {
  const result = await postOperation(credentials, { query: 'query Caller { __typename }', operationName: 'Caller' })
  const bucket = readQueryCost(result.extensions)?.throttleStatus ?? null
  const error = result.errors?.[0]
  // A drained bucket or a spent quota still proves that the key is good.
  const refused = error !== undefined && error.extensions?.['code'] === 'UNAUTHENTICATED'
  return refused ? { accepted: false, message: error.message } : { accepted: true, bucket }
}
