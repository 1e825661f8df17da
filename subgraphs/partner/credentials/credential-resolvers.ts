import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { mutate } from '../../../storage/mutate.ts'
import type { App } from '../apps/apps.ts'
import { type Call, command } from '../command.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type CreateAppCredentialInput, createAppCredential } from './create-credential.ts'
import { credentialStatus } from './credential-status.ts'
import { type AppCredential, keyFor } from './credentials.ts'
import { revokeAppCredential } from './revoke-credential.ts'

export const credentialResolvers: Resolvers<PartnerContext> = {
  Mutation: {
    createAppCredential: createCredentialAndShowKey,
    revokeAppCredential: command('revokeAppCredential', {
      run: revokeAppCredential,
      field: 'appCredential',
      load: ({ loaders }, id) => loaders.credentials.clear(id).load(id),
    }),
  },
  App: {
    credentials: ({ _id }: App, _args: unknown, { loaders }: PartnerContext) => loaders.credentialsOfApp.load(_id),
  },
  AppCredential: {
    id: ({ _id }: AppCredential) => _id,
    status: (credential: AppCredential, _args: unknown, { now }: PartnerContext) => credentialStatus(credential, now()),
    app: ({ appId }: AppCredential, _args: unknown, { loaders }: PartnerContext) => loaders.apps.load(appId),
  },
}

/** The one answer that shows a key; a call that repeats its idempotency key is shown the same. */
async function createCredentialAndShowKey(
  _: unknown,
  { input, idempotencyKey }: Call<CreateAppCredentialInput>,
  context: PartnerContext,
) {
  const { models, loaders } = context
  const made = new Map<string, string>()
  const call = { name: 'createAppCredential', input, idempotencyKey, contended: [input.appId] }
  const { id, userErrors } = await mutate(context, call, async (session) => {
    const { id: madeId, key } = await createAppCredential(context, input, {
      session,
      repeatable: idempotencyKey != null,
    })
    made.set(madeId, key)
    return madeId
  })
  if (id === null) return { appCredential: null, key: null, userErrors }
  const again = async (): Promise<string | null> => {
    const bytes = await models.oneTimeSecrets.again(id)
    const app = await loaders.apps.load(input.appId)
    return bytes === null || app === null ? null : keyFor(app.environment, bytes)
  }
  return { appCredential: loaders.credentials.clear(id).load(id), key: made.get(id) ?? (await again()), userErrors }
}
