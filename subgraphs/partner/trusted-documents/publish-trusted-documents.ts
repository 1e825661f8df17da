import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import { createInputErrors, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import { hashOfDocument } from './trusted-documents.ts'

export const mostTrustedDocuments = 1_000
export const mostAtOnce = 100
const longestDocument = 32_000

export interface PublishTrustedDocumentsInput {
  readonly appId: string
  readonly documents: readonly string[]
}

/** Publishes documents of an app and answers its id. Whether they are valid is seen when they run: the graph changes. */
export async function publishTrustedDocuments(
  context: PartnerContext,
  input: PublishTrustedDocumentsInput,
  session: ClientSession,
): Promise<string> {
  const { models, caller } = context
  await requireRole(context, session, ['ADMIN', 'DEVELOPER'])
  const errors = createInputErrors()
  errors.whole(['documents'], input.documents.length, [1, mostAtOnce])
  for (const [index, text] of input.documents.entries()) {
    if (text.trim() === '' || text.length > longestDocument) {
      errors.add(['documents', String(index)], `A document has 1 to ${longestDocument} characters.`)
    }
  }
  errors.check()
  const app = known(await models.apps.find(caller, session, input.appId), 'app', 'appId')
  if (app.status !== 'ACTIVE') throw refuse('APP_REVOKED', ['input', 'appId'], 'The app is REVOKED, which is final.')
  // Two that publish at once would each not count the other: by this write one of them conflicts and counts anew.
  await models.apps.touch(session, app._id)
  const texts = new Map(input.documents.map((text) => [hashOfDocument(text), text] as const))
  const published = await models.trustedDocuments.published(session, app._id, [...texts.keys()])
  const added = [...texts].filter(([hash]) => !published.has(hash))
  if ((await models.trustedDocuments.count(session, app._id)) + added.length > mostTrustedDocuments) {
    const message = `An app has at most ${mostTrustedDocuments} published documents; take back those that no version of it sends.`
    throw refuse('TOO_MANY_DOCUMENTS', ['input', 'documents'], message)
  }
  const { _id: appId, organizationId } = app
  const publishedAt = context.now()
  if (added.length > 0) {
    const documents = added.map(([hash, text]) => ({
      _id: createId('TrustedDocument'),
      appId,
      organizationId,
      hash,
      text,
      publishedAt,
      version: 1,
    }))
    await models.trustedDocuments.insert(session, ...documents)
  }
  return appId
}
