import { useEffect, useState } from 'react'
import type { GraphError } from '../graph/graph-result.ts'
import { Notice } from '../page/notice.tsx'
import { BucketMeter } from './bucket-meter.tsx'
import { formatPoints } from './format-points.ts'
import type { BucketReading, QueryCost } from './query-cost.ts'
import type { RunReport } from './run-report.ts'

export interface RunBarProps {
  report: RunReport
  bucket: BucketReading | null
  /** What to do first, shown until something has been run. */
  hint: string
}

/** Above the explorer: what the last run cost, and what is left. */
export function RunBar({ report, bucket, hint }: RunBarProps) {
  return (
    <div className="run-bar">
      <h2 id="explorer-title" className="visually-hidden">
        Explorer
      </h2>
      <div className="run-report" role="status" data-state={report.state}>
        {report.state === 'idle' ? <p>{hint}</p> : <ReportText report={report} />}
      </div>
      {bucket && <BucketMeter bucket={bucket} />}
    </div>
  )
}

function ReportText({ report }: { report: Exclude<RunReport, { state: 'idle' }> }) {
  switch (report.state) {
    case 'running':
      return (
        <p>
          {report.live ? `${report.operation} is open and waits for its first event…` : `Running ${report.operation}…`}
        </p>
      )
    case 'live':
      return (
        <p>
          <span className="live-dot" aria-hidden="true" />
          <strong>{report.operation} is live.</strong>{' '}
          <span className="figure" aria-live="off">
            {formatPoints(report.events)}
          </span>{' '}
          {report.events === 1 ? 'event' : 'events'} received{report.cost && <>, {costText(report.cost)} each</>}
        </p>
      )
    case 'ended':
      return (
        <p>
          <strong>{report.operation} has ended</strong> after {formatPoints(report.events)}{' '}
          {report.events === 1 ? 'event' : 'events'}.
        </p>
      )
    case 'answered':
      return <Answered report={report} />
    case 'throttled':
      return <Throttled report={report} />
    default:
      return (
        <Notice tone="error" title={`${report.operation} failed`}>
          <p>{report.message}</p>
        </Notice>
      )
  }
}

function Answered({ report }: { report: Extract<RunReport, { state: 'answered' }> }) {
  const { cost, errors, operation, milliseconds } = report
  return (
    <>
      <p>
        {cost ? (
          <>
            <strong className="cost figure">{formatPoints(charged(cost))}</strong>{' '}
            {charged(cost) === 1 ? 'point' : 'points'} {cost.actualQueryCost === null ? 'requested' : 'charged'}
          </>
        ) : (
          <strong>The answer tells no cost</strong>
        )}
      </p>
      <p className="quiet">
        {cost && cost.actualQueryCost !== null && <>estimated {formatPoints(cost.requestedQueryCost)} · </>}
        {operation} · {formatPoints(milliseconds)} ms
        {errors.length > 0 && <span className="error-text"> · {errorText(errors)}</span>}
      </p>
    </>
  )
}

function Throttled({ report }: { report: Extract<RunReport, { state: 'throttled' }> }) {
  const seconds = useSecondsUntil(report.retryAt)
  return (
    <Notice tone="warning" title={`${report.operation} has to wait for the bucket`}>
      <p>
        {report.cost && `It asks for ${formatPoints(report.cost.requestedQueryCost)} points. `}
        {seconds === null && 'Wait for the bucket to refill, then run it again.'}
        {seconds !== null && seconds > 0 && <span role="timer">There will be enough in {seconds} s.</span>}
        {seconds === 0 && 'There is enough now: run it again.'}
      </p>
    </Notice>
  )
}

function useSecondsUntil(moment: number | null): number | null {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    setNow(performance.now())
    if (moment === null) return undefined
    const timer = setInterval(() => {
      setNow(performance.now())
      if (performance.now() >= moment) clearInterval(timer)
    }, 250)
    return () => clearInterval(timer)
  }, [moment])
  return moment === null ? null : Math.max(0, Math.ceil((moment - now) / 1000))
}

function charged(cost: QueryCost): number {
  return cost.actualQueryCost ?? cost.requestedQueryCost
}

function costText(cost: QueryCost): string {
  return `${formatPoints(charged(cost))} ${charged(cost) === 1 ? 'point' : 'points'}`
}

function errorText(errors: readonly GraphError[]): string {
  const code = errors[0]?.extensions?.['code']
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`
  return typeof code === 'string' ? `${count}, ${code}` : count
}
