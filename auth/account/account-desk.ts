import { z } from 'zod'
import { createCaller } from '../../kit/caller.ts'
import { type Refusal, askGraph } from '../ask-graph.ts'
import type { AskSubgraph, EndUser } from '../directory.ts'

const credentialSchema = z.object({
  id: z.string(),
  prefix: z.string(),
  label: z.string(),
  status: z.string(),
  lastUsedAt: z.string().nullable(),
})
const appSchema = z.object({
  id: z.string(),
  name: z.string(),
  environment: z.string(),
  status: z.string(),
  clientType: z.string(),
  scopes: z.array(z.string()),
  credentials: z.array(credentialSchema),
})
export type OwnApp = z.infer<typeof appSchema>

const planSchema = z.object({
  name: z.string(),
  limits: z.object({ readOnly: z.boolean(), monthlyCalls: z.number().nullable(), bucketSize: z.number() }),
})
export type AppPlan = z.infer<typeof planSchema>
const plannedSchema = z.array(z.object({ id: z.string(), plan: planSchema.nullable() }).nullable())

const memberSchema = z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.string() })
const invitationSchema = z.object({ id: z.string(), email: z.string(), role: z.string(), version: z.number() })
const applicationSchema = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  country: z.string(),
  website: z.string(),
  applicantName: z.string(),
  applicantEmail: z.string(),
  planHandle: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  organization: z.object({ id: z.string() }).nullable(),
})
export type ReadApplication = z.infer<typeof applicationSchema>
export type ApplicationStatus = 'UNCONFIRMED' | 'SUBMITTED' | 'APPROVED' | 'REJECTED'

const userErrors = z.array(z.object({ code: z.string(), field: z.array(z.string()).nullable(), message: z.string() }))
const nodes = <Shape>(shape: z.ZodType<Shape>) => z.object({ nodes: z.array(shape) })

const appFields = 'id name environment status clientType scopes credentials { id prefix label status lastUsedAt }'

interface Command {
  readonly name: string
  readonly input: object
  /** The payload's field that is read, with what of it. */
  readonly read?: string
  readonly key?: string
}

/** What the account pages ask of partner and billing in the name of a member: with the member's role, and nothing more. */
export type AccountDesk = ReturnType<typeof createAccountDesk>

/** Asks as the member does through an app: the same rules hold, and the same tenancy. */
export function createAccountDesk(ask: AskSubgraph, member: EndUser) {
  const asMember = createCaller({
    // Of each member its own: keys of calls are remembered by app.
    appId: `account-pages:${member.memberId}`,
    appName: 'Account pages',
    organizationId: member.organizationId,
    environment: 'live',
    planId: 'none',
    scopes: member.roleScopes,
    operator: false,
    credentialId: 'account-pages',
    endUserId: member.memberId,
  })
  const asOperator = createCaller({ ...asMember, operator: member.operator && member.role === 'ADMIN' })
  const decides = asOperator.operator
  const read = <Shape>(query: string, shape: z.ZodType<Shape>, variables: object = {}) =>
    askGraph(ask, asMember, { subgraph: 'partner', query, variables, shape })

  /** Runs a mutation; what it made is read by `shape`. */
  const run = async <Shape>({ name, input, read: fields = '', key }: Command, shape: z.ZodType<Shape>) => {
    const type = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Input`
    const query = `mutation ($input: ${type}!, $key: String) {
      ${name}(input: $input, idempotencyKey: $key) { ${fields} userErrors { code field message } } }`
    const caller = name === 'decideApplication' ? asOperator : asMember
    const variables = { input, key: key ?? null }
    const outcome = z.object({ userErrors }).and(shape)
    const answer = await askGraph(ask, caller, { subgraph: 'partner', query, variables, shape: outcome })
    return answer ?? { userErrors: [] }
  }
  const done = async (command: Command): Promise<readonly Refusal[]> => (await run(command, z.object({}))).userErrors

  return {
    decides,
    managesApps: member.role === 'ADMIN' || member.role === 'DEVELOPER',
    managesMembers: member.role === 'ADMIN',
    scopes: member.roleScopes,
    async apps(): Promise<readonly OwnApp[]> {
      if (!member.roleScopes.includes('apps:read')) return []
      const query = `{ apps(first: 100, status: ACTIVE) { nodes { ${appFields} } } }`
      return (await read(query, nodes(appSchema)))?.nodes ?? []
    },
    app: (id: string): Promise<OwnApp | null> =>
      read(`query ($id: ID!) { app(id: $id) { ${appFields} } }`, appSchema, { id }),
    /** The plan of each app; an app that was made just now may have none yet. */
    async plans(ids: readonly string[]): Promise<ReadonlyMap<string, AppPlan>> {
      if (ids.length === 0 || !member.roleScopes.includes('billing:read')) return new Map()
      const query = `query ($apps: [_Any!]!) { _entities(representations: $apps) { ... on App {
        id plan { name limits { readOnly monthlyCalls bucketSize } } } } }`
      const variables = { apps: ids.map((id) => ({ __typename: 'App', id })) }
      const found = await askGraph(ask, asMember, { subgraph: 'billing', query, variables, shape: plannedSchema })
      return new Map((found ?? []).flatMap((app) => (app?.plan ? [[app.id, app.plan] as const] : [])))
    },
    async members() {
      const query = '{ members(first: 100, status: ACTIVE) { nodes { id name email role } } }'
      return (await read(query, nodes(memberSchema)))?.nodes ?? []
    },
    async invitations() {
      const query = '{ invitations(first: 100, status: PENDING) { nodes { id email role version } } }'
      return (await read(query, nodes(invitationSchema)))?.nodes ?? []
    },
    async applications(status: ApplicationStatus): Promise<readonly ReadApplication[]> {
      const query = `query ($status: PartnerApplicationStatus) { partnerApplications(first: 100, status: $status) { nodes {
        id name type country website applicantName applicantEmail planHandle status reason organization { id } } } }`
      const question = { subgraph: 'partner', query, variables: { status }, shape: nodes(applicationSchema) }
      return (await askGraph(ask, asOperator, question))?.nodes ?? []
    },
    async registerApp(input: object, key: string) {
      const shape = z.object({ app: z.object({ id: z.string() }).nullable() })
      const answer = await run({ name: 'registerApp', input, read: 'app { id }', key }, shape)
      return { id: 'app' in answer ? (answer.app?.id ?? null) : null, refusals: answer.userErrors }
    },
    async createKey(input: { appId: string; label: string }, key: string) {
      const shape = z.object({ key: z.string().nullable() })
      const answer = await run({ name: 'createAppCredential', input, read: 'key', key }, shape)
      return { key: 'key' in answer ? answer.key : null, refusals: answer.userErrors }
    },
    revokeKey: (id: string) => done({ name: 'revokeAppCredential', input: { id } }),
    invite: (input: { email: string; role: string }) => done({ name: 'inviteMember', input }),
    inviteAgain: (id: string) => done({ name: 'resendInvitation', input: { id } }),
    revokeInvitation: (id: string) => done({ name: 'revokeInvitation', input: { id } }),
    changeRole: (id: string, role: string) => done({ name: 'changeMemberRole', input: { id, role } }),
    remove: (id: string) => done({ name: 'deactivateMember', input: { id } }),
    decide: (input: { id: string; decision: 'APPROVE' | 'REJECT'; reason: string | null }) =>
      done({ name: 'decideApplication', input }),
  }
}
