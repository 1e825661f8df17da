import type { ClientSession } from 'mongoose'
import type { PartnerContext } from '../partner-context.ts'
import { type CertificationInput, changeable, conclude } from './certification-change.ts'

/** Takes a certification away. */
export async function revokeCertification(
  context: PartnerContext,
  input: CertificationInput,
  session: ClientSession,
): Promise<string> {
  const certification = await changeable(context, input, { session, to: 'REVOKED' })
  const changed = await context.models.certifications.change(session, certification, { status: 'REVOKED' })
  await conclude(context, session, 'revoked', changed)
  return certification._id
}
