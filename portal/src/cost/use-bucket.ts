import { useCallback, useEffect, useState } from 'react'
import { checkCredentials } from '../caller/check-credentials.ts'
import type { Credentials } from '../caller/credentials.ts'
import type { BucketReading, ThrottleStatus } from './query-cost.ts'

/** The caller's bucket as last told by the server, asked once at the start; `rejected` says why a key does not hold. */
export function useBucket(credentials: Credentials | null) {
  const [bucket, setBucket] = useState<BucketReading | null>(null)
  const [rejected, setRejected] = useState<string | null>(null)
  const read = useCallback((status: ThrottleStatus) => setBucket({ ...status, readAt: performance.now() }), [])
  useEffect(() => {
    let current = true
    setBucket(null)
    setRejected(null)
    if (!credentials) return undefined
    async function ask(caller: Credentials): Promise<void> {
      const verdict = await checkCredentials(caller)
      if (!current) return
      if (!verdict.accepted) setRejected(verdict.message)
      else if (verdict.bucket) read(verdict.bucket)
    }
    // With no answer the bucket stays unknown: the run bar tells an unreachable server when something is run.
    ask(credentials).catch(() => {})
    return () => {
      current = false
    }
  }, [credentials, read])
  return { bucket, read, rejected }
}
