import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { command } from '../command.ts'
import type { Organization } from '../organizations/organizations.ts'
import type { PartnerContext } from '../partner-context.ts'
import { changeMemberRole } from './change-member-role.ts'
import { deactivateMember } from './deactivate-member.ts'
import { identifyMember, identifyMembers } from './member-identity.ts'
import { type Member, type MemberFilter, memberCondition } from './members.ts'
import { updateMember } from './update-member.ts'

interface ById {
  readonly id: string
}
type ListArgs = ConnectionArgs & MemberFilter

const member = {
  field: 'member',
  load: ({ loaders }: PartnerContext, id: string) => loaders.members.clear(id).load(id),
}

export const memberResolvers: Resolvers<PartnerContext> = {
  Query: {
    member: (_: unknown, { id }: ById, { loaders }: PartnerContext) => loaders.members.load(id),
    members: (_: unknown, args: ListArgs, { models, caller }: PartnerContext) => models.members.list(caller, args),
    memberIdentity: (_: unknown, args: { memberId: string; appId?: string | null }, context: PartnerContext) =>
      identifyMember(context, args),
    memberIdentities: (_: unknown, args: { email: string }, context: PartnerContext) => identifyMembers(context, args),
  },
  Mutation: {
    updateMember: command('updateMember', { run: updateMember, ...member }),
    changeMemberRole: command('changeMemberRole', { run: changeMemberRole, ...member }),
    deactivateMember: command('deactivateMember', { run: deactivateMember, ...member }),
  },
  Organization: {
    members: ({ _id }: Organization, args: ListArgs, { loaders }: PartnerContext) =>
      loaders.membersOfOrganization(_id, args, memberCondition(args)),
  },
  Member: {
    __resolveReference: ({ id }: ById, { loaders }: PartnerContext) => loaders.members.load(id),
    id: ({ _id }: Member) => _id,
    organization: ({ organizationId }: Member, _args: unknown, { loaders }: PartnerContext) =>
      loaders.organizations.load(organizationId),
    extraFields: ({ extraFields }: Member, _args: unknown, context: PartnerContext) =>
      context.loaders.extraFieldValues('MEMBER', extraFields),
  },
}
