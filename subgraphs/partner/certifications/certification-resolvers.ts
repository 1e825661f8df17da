import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { command } from '../command.ts'
import { given } from '../documents.ts'
import type { Member } from '../members/members.ts'
import type { Organization } from '../organizations/organizations.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { Certification, CertificationFilter } from './certifications.ts'
import { grantCertification } from './grant-certification.ts'
import { renewCertification } from './renew-certification.ts'
import { revokeCertification } from './revoke-certification.ts'

type ListArgs = ConnectionArgs & CertificationFilter

const certification = {
  field: 'certification',
  load: ({ loaders }: PartnerContext, id: string) => loaders.certifications.clear(id).load(id),
}

export const certificationResolvers: Resolvers<PartnerContext> = {
  Query: {
    certifications: (_: unknown, args: ListArgs, { models, caller }: PartnerContext) =>
      models.certifications.list(caller, args),
  },
  Mutation: {
    grantCertification: command('grantCertification', { run: grantCertification, ...certification }),
    renewCertification: command('renewCertification', { run: renewCertification, ...certification }),
    revokeCertification: command('revokeCertification', { run: revokeCertification, ...certification }),
  },
  Organization: {
    certifications: ({ _id }: Organization, args: ListArgs, { loaders }: PartnerContext) =>
      loaders.certificationsOfOrganization(_id, args, given({ status: args.status })),
  },
  Member: {
    certifications: ({ _id }: Member, args: ListArgs, { loaders }: PartnerContext) =>
      loaders.certificationsOfMember(_id, args, given({ status: args.status })),
  },
  Certification: {
    __resolveReference: ({ id }: { readonly id: string }, { loaders }: PartnerContext) =>
      loaders.certifications.load(id),
    id: ({ _id }: Certification) => _id,
    organization: ({ organizationId }: Certification, _args: unknown, { loaders }: PartnerContext) =>
      loaders.organizations.load(organizationId),
    member: ({ memberId }: Certification, _args: unknown, { loaders }: PartnerContext) =>
      memberId === null ? null : loaders.members.load(memberId),
  },
}
