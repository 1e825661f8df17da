import type { ClientSession } from 'mongoose'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { mutate } from '../../../storage/mutate.ts'
import { type Call, command } from '../command.ts'
import type { Organization } from '../organizations/organizations.ts'
import type { PartnerContext } from '../partner-context.ts'
import { acceptInvitation } from './accept-invitation.ts'
import { acceptMailedInvitation } from './accept-mailed-invitation.ts'
import { type Invitation, type InvitationFilter, invitationCondition, invitationToken } from './invitations.ts'
import { type MadeToken, inviteMember } from './invite-member.ts'
import { resendInvitation } from './resend-invitation.ts'
import { revokeInvitation } from './revoke-invitation.ts'

interface ById {
  readonly id: string
}
type ListArgs = ConnectionArgs & InvitationFilter

type MakesToken<Input> = (
  context: PartnerContext,
  input: Input,
  options: { readonly session: ClientSession; readonly repeatable: boolean },
) => Promise<MadeToken>

/** The resolver of a mutation that shows a token, once and to whoever repeats it with its key. */
function tokenCommand<Input>(name: string, run: MakesToken<Input>) {
  return async (_: unknown, { input, idempotencyKey }: Call<Input>, context: PartnerContext) => {
    const made = new Map<string, string>()
    const { id, userErrors } = await mutate(context, { name, input, idempotencyKey }, async (session) => {
      const token = await run(context, input, { session, repeatable: idempotencyKey != null })
      made.set(token.id, token.token)
      return token.id
    })
    if (id === null) return { invitation: null, token: null, userErrors }
    const [invitationId = ''] = id.split(':')
    const again = async (): Promise<string | null> => {
      const bytes = await context.models.oneTimeSecrets.again(id)
      return bytes === null ? null : invitationToken(bytes)
    }
    const { invitations } = context.loaders
    return {
      invitation: invitations.clear(invitationId).load(invitationId),
      token: made.get(id) ?? (await again()),
      userErrors,
    }
  }
}

export const invitationResolvers: Resolvers<PartnerContext> = {
  Query: {
    invitation: (_: unknown, { id }: ById, { loaders }: PartnerContext) => loaders.invitations.load(id),
    invitations: (_: unknown, args: ListArgs, { models, caller }: PartnerContext) =>
      models.invitations.list(caller, args),
  },
  Mutation: {
    inviteMember: tokenCommand('inviteMember', inviteMember),
    resendInvitation: tokenCommand('resendInvitation', resendInvitation),
    revokeInvitation: command('revokeInvitation', {
      run: revokeInvitation,
      field: 'invitation',
      load: ({ loaders }, id) => loaders.invitations.clear(id).load(id),
    }),
    acceptInvitation: command('acceptInvitation', {
      run: acceptInvitation,
      field: 'member',
      load: ({ loaders }, id) => loaders.members.clear(id).load(id),
    }),
    acceptMailedInvitation: command('acceptMailedInvitation', {
      run: acceptMailedInvitation,
      field: 'member',
      load: ({ loaders }, id) => loaders.members.clear(id).load(id),
    }),
  },
  Organization: {
    invitations: ({ _id }: Organization, args: ListArgs, { loaders }: PartnerContext) =>
      loaders.invitationsOfOrganization(_id, args, invitationCondition({ status: args.status ?? null })),
  },
  Invitation: {
    __resolveReference: ({ id }: ById, { loaders }: PartnerContext) => loaders.invitations.load(id),
    id: ({ _id }: Invitation) => _id,
    organization: ({ organizationId }: Invitation, _args: unknown, { loaders }: PartnerContext) =>
      loaders.organizations.load(organizationId),
    member: ({ memberId }: Invitation, _args: unknown, { loaders }: PartnerContext) =>
      memberId === null ? null : loaders.members.load(memberId),
  },
}
