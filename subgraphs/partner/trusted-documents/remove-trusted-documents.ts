import type { ClientSession } from 'mongoose'
import { createInputErrors, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import { mostAtOnce } from './publish-trusted-documents.ts'

export interface RemoveTrustedDocumentsInput {
  readonly appId: string
  readonly documentIds: readonly string[]
}

/** Takes documents of an app back and answers its id. */
export async function removeTrustedDocuments(
  context: PartnerContext,
  input: RemoveTrustedDocumentsInput,
  session: ClientSession,
): Promise<string> {
  const { models, caller } = context
  await requireRole(context, session, ['ADMIN', 'DEVELOPER'])
  const errors = createInputErrors()
  errors.whole(['documentIds'], input.documentIds.length, [1, mostAtOnce])
  errors.check()
  const app = known(await models.apps.find(caller, session, input.appId), 'app', 'appId')
  const hashes = input.documentIds.map((id) => id.replace(/^sha256:/, ''))
  await models.trustedDocuments.remove(session, app._id, hashes)
  return app._id
}
