import type { ClientSession } from 'mongoose'
import { CodedError } from '../../../kit/errors.ts'
import { isIdOf } from '../../../kit/ids.ts'
import { isDuplicateKey } from '../../../storage/mutate.ts'
import type { App } from '../apps/apps.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { DeprecatedUse } from './deprecated-uses.ts'

export interface ReportedUse {
  readonly appId: string
  readonly coordinate: string
  readonly reason?: string | null
  readonly sunset?: string | null
  readonly replacement?: string | null
}

const mostReported = 100
const mostOfApp = 200
const longestText = 1_000
const tellAgainAfterMs = 7 * 24 * 60 * 60 * 1_000
/** Several gateways may tell of the same app at once; the second finds it known. */
const attempts = 5

/** Notes what apps have used, and tells their owners once a week; answers how many apps were told. */
export async function reportDeprecatedUses(context: PartnerContext, reported: readonly ReportedUse[]): Promise<number> {
  requireUsable(reported)
  const apps = await context.loaders.apps.loadMany([...new Set(reported.map(({ appId }) => appId))])
  let told = 0
  for (const app of apps) {
    // What no longer is an app, or calls no more, needs no notice.
    if (app === null || app instanceof Error || app.status !== 'ACTIVE') continue
    const uses = reported.filter(({ appId }) => appId === app._id)
    if (await noteAgainOnConflict(context, app, uses)) told += 1
  }
  return told
}

async function noteAgainOnConflict(context: PartnerContext, app: App, uses: readonly ReportedUse[]): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      let told = false
      await context.connection.transaction(async (session) => {
        told = await note(context, { app, uses, session })
      })
      return told
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === attempts) throw error
    }
  }
}

async function note(
  context: PartnerContext,
  { app, uses, session }: { readonly app: App; readonly uses: readonly ReportedUse[]; readonly session: ClientSession },
): Promise<boolean> {
  const { models, events } = context
  const now = context.now()
  const before = await models.deprecatedUses.find(session, app._id)
  const merged = withReported(before?.uses ?? [], uses, now)
  const last = before?.toldAt ?? null
  const due = last === null || now.getTime() - last.getTime() >= tellAgainAfterMs
  const toldAt = due ? now : last
  await models.deprecatedUses.save(session, before, {
    _id: app._id,
    toldAt,
    uses: merged,
    version: (before?.version ?? 0) + 1,
  })
  if (!due) return false
  const told = merged.filter(({ lastUsedAt }) => last === null || lastUsedAt > last)
  await events.append(session, {
    type: 'schema.deprecated_field_used',
    subject: app._id,
    audience: [app.organizationId],
    data: {
      organizationId: app.organizationId,
      appId: app._id,
      coordinates: told.map(({ coordinate }) => coordinate),
      nextSunset: told.flatMap(({ sunset }) => sunset ?? []).toSorted()[0] ?? null,
    },
  })
  for (const { name, email } of await models.members.activeAdmins(session, app.organizationId)) {
    const facts = { name, appName: app.name, uses: told.map(lineOf).join('\n') }
    await models.mails.add(session, { kind: 'deprecated-use', to: email, facts }, now)
  }
  return true
}

/** What was known with what is reported; the latest are kept where there are too many. */
function withReported(known: readonly DeprecatedUse[], reported: readonly ReportedUse[], now: Date): DeprecatedUse[] {
  const byCoordinate = new Map(known.map((use) => [use.coordinate, use]))
  for (const { coordinate, reason = null, sunset = null, replacement = null } of reported) {
    const firstUsedAt = byCoordinate.get(coordinate)?.firstUsedAt ?? now
    byCoordinate.set(coordinate, { coordinate, reason, sunset, replacement, firstUsedAt, lastUsedAt: now })
  }
  return [...byCoordinate.values()]
    .toSorted((a, b) => b.lastUsedAt.getTime() - a.lastUsedAt.getTime())
    .slice(0, mostOfApp)
}

function lineOf({ coordinate, reason, sunset, replacement }: DeprecatedUse): string {
  return [
    `${coordinate}${sunset === null ? '' : ` (gone from ${sunset})`}`,
    ...(replacement === null ? [] : [`use ${replacement}`]),
    ...(reason === null ? [] : [reason]),
  ].join(': ')
}

function requireUsable(reported: readonly ReportedUse[]): void {
  const usable = ({ appId, coordinate, ...texts }: ReportedUse): boolean =>
    isIdOf('App', appId) &&
    /^\w+\.\w+(\(\w+:\))?$/.test(coordinate) &&
    Object.values(texts).every((text) => (text ?? '').length <= longestText)
  if (reported.length < 1 || reported.length > mostReported || !reported.every(usable)) {
    const message = `1 to ${mostReported} uses of apps, each of a field or argument, with texts of at most ${longestText} characters.`
    throw new CodedError('BAD_USER_INPUT', message, { argument: 'uses' })
  }
}
