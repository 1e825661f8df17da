import type { NewEvent } from '../../../kit/events.ts'
import type { App } from './apps.ts'

/** An event about an app. */
export function appEvent(
  change: 'created' | 'changed' | 'revoked',
  { _id, organizationId, name, environment }: App,
): NewEvent {
  const told = { organizationId, name, environment }
  return {
    type: `app.${change}`,
    subject: _id,
    audience: [organizationId],
    data: change === 'revoked' ? { organizationId } : told,
  }
}
