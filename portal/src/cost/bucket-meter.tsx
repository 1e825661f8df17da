import { useEffect, useState } from 'react'
import { formatPoints } from './format-points.ts'
import { availableAt, type BucketReading } from './query-cost.ts'

/** What is left in the caller's bucket, refilling before one's eyes. */
export function BucketMeter({ bucket }: { bucket: BucketReading }) {
  const available = useAvailable(bucket)
  const share = bucket.maximumAvailable > 0 ? available / bucket.maximumAvailable : 0
  return (
    <div className="bucket">
      <div className="bucket-text">
        <span>
          <strong className="figure">{formatPoints(Math.floor(available))}</strong> of{' '}
          {formatPoints(bucket.maximumAvailable)} points left
        </span>
        <span className="quiet">+{formatPoints(bucket.restoreRate)}/s</span>
      </div>
      <div
        className="meter"
        role="meter"
        aria-label="Points left in the cost bucket"
        aria-valuemin={0}
        aria-valuemax={bucket.maximumAvailable}
        aria-valuenow={Math.floor(available)}
        data-level={share < 0.1 ? 'empty' : share < 0.35 ? 'low' : 'good'}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  )
}

const TICK_MS = 250

function useAvailable(bucket: BucketReading): number {
  const [now, setNow] = useState(bucket.readAt)
  const available = availableAt(bucket, now)
  const full = available >= bucket.maximumAvailable
  useEffect(() => {
    if (full || bucket.restoreRate === 0) return undefined
    const timer = setInterval(() => setNow(performance.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [full, bucket])
  return available
}
