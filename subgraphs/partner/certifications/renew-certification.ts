import type { ClientSession } from 'mongoose'
import { createInputErrors } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type CertificationInput, changeable, conclude, writeActive } from './certification-change.ts'

export interface RenewCertificationInput extends CertificationInput {
  readonly expiresAt?: Date | null
}

/** Gives a certification another end, also after the former one. */
export async function renewCertification(
  context: PartnerContext,
  input: RenewCertificationInput,
  session: ClientSession,
): Promise<string> {
  const certification = await changeable(context, input, { session, to: 'ACTIVE' })
  const errors = createInputErrors()
  const expiresAt = errors.future(['expiresAt'], input.expiresAt, context.now())
  errors.check()
  const changes = { status: 'ACTIVE', expiresAt } as const
  const changed = await writeActive(() => context.models.certifications.change(session, certification, changes))
  await conclude(context, session, 'renewed', changed)
  return certification._id
}
