import type { Identity } from '../../gateway/request.ts'
import { createCaller } from '../../kit/caller.ts'
import { appIdentity, appLimits } from '../callers/made-up-app.ts'

const { appId, appName, organizationId, operator, scopes, credentialId } = appIdentity

/** A caller whose limits are never reached. */
export const benchIdentity: Identity = {
  caller: createCaller({
    appId,
    appName,
    organizationId,
    environment: 'sandbox',
    planId: appLimits.planId,
    scopes,
    operator,
    credentialId,
  }),
  limits: { ...appLimits, quotaMode: 'HARD' },
}
