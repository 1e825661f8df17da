import type { BucketReading } from '../cost/query-cost.ts'
import { formatPoints } from '../cost/format-points.ts'
import { SchemaDownload } from './schema-download.tsx'
import type { Caller } from './use-caller.ts'

export interface CallerCardProps {
  caller: Caller
  bucket: BucketReading | null
  /** The contract or version that is explored; null is the whole graph. */
  edition: string | null
  onChangeKey: () => void
  onForget: () => void
}

/** Who the explorer calls as, with what rights and what allowance. */
export function CallerCard({ caller: { credentials, demo }, bucket, edition, onChangeKey, onForget }: CallerCardProps) {
  return (
    <>
      <div className="card-head">
        <h2>{demo ? demo.appName : 'Your app'}</h2>
        <span className="tag">{demo ? 'Demo caller' : 'Your key'}</span>
      </div>
      <dl className="facts">
        {demo && (
          <>
            <Fact name="Organization">{demo.organizationName}</Fact>
            <Fact name="Plan">{demo.planName}</Fact>
          </>
        )}
        <Fact name="App id">
          <code>{credentials.appId}</code>
        </Fact>
        <Fact name="Bucket">
          {bucket
            ? `${formatPoints(bucket.maximumAvailable)} points, refilled by ${formatPoints(bucket.restoreRate)} a second`
            : 'Known after the first answer'}
        </Fact>
        {demo && (
          <Fact name="Scopes">
            <ul className="scopes">
              {demo.scopes.map((scope) => (
                <li key={scope}>
                  <code>{scope}</code>
                </li>
              ))}
            </ul>
          </Fact>
        )}
      </dl>
      <div className="card-actions">
        <SchemaDownload credentials={credentials} edition={edition} />
        <button type="button" className="button" onClick={demo ? onChangeKey : onForget}>
          {demo ? 'Use another key' : 'Forget this key'}
        </button>
      </div>
    </>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
