import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { expectVersion, notFound } from '../input-check.ts'
import { type InstallationState, installationState } from './app-listing-state.ts'
import { installationEvent } from './marketplace-events.ts'

type InstallationAction = 'SUSPEND' | 'RESUME' | 'UNINSTALL'

export interface ChangeInstallationInput {
  readonly id: string
  readonly action: InstallationAction
  readonly expectedVersion?: number | null
}

const stateAfter: Readonly<Record<InstallationAction, InstallationState>> = {
  SUSPEND: 'SUSPENDED',
  RESUME: 'INSTALLED',
  UNINSTALL: 'UNINSTALLED',
}

/** Suspends, resumes or ends an installation; the operator makes a suspension its own by suspending it again. */
export async function changeInstallation(
  { caller, models, events, now }: CatalogContext,
  { id, action, expectedVersion }: ChangeInstallationInput,
  session: ClientSession,
): Promise<string> {
  const installation = await models.installations.byId(caller, session, id)
  if (!installation) throw notFound('installation')
  expectVersion('installation', installation, expectedVersion)
  const state = stateAfter[action]
  // The operator's installations of its own are suspended like everybody's.
  const byOperator = caller.operator && installation.organizationId !== caller.organizationId
  const takesOver = byOperator && action === 'SUSPEND' && !installation.suspendedByOperator
  const illegal = installationState.refusal(installation.state, state)
  if (illegal && !(takesOver && installation.state === 'SUSPENDED')) {
    throw refuse('ILLEGAL_TRANSITION', ['input', 'action'], illegal)
  }
  // Nor can it be uninstalled: whoever installs anew would be rid of the suspension.
  if (installation.suspendedByOperator && !caller.operator) {
    const message = 'The platform operator has suspended this installation and alone can resume or uninstall it.'
    throw refuse('SUSPENDED_BY_OPERATOR', ['input', 'action'], message)
  }
  const fields = {
    state,
    live: state !== 'UNINSTALLED',
    suspendedByOperator: state === 'SUSPENDED' && byOperator,
    updatedAt: now(),
  }
  await models.installations.change(session, installation, fields)
  await events.append(session, installationEvent({ ...installation, ...fields }))
  return id
}
