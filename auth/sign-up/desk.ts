import { z } from 'zod'
import { createCaller, systemCaller } from '../../kit/caller.ts'
import { isIdOf } from '../../kit/ids.ts'
import { type Refusal, askGraph } from '../ask-graph.ts'
import type { AskSubgraph } from '../directory.ts'

const planSchema = z.object({
  handle: z.string(),
  name: z.string(),
  description: z.string(),
  visibility: z.string(),
  isDefault: z.boolean(),
  monthlyPrice: z.object({ amount: z.string(), currencyCode: z.string() }),
})
/** A plan that strangers may ask for. */
export type OfferedPlan = z.infer<typeof planSchema>

const fieldSchema = z.object({
  key: z.string(),
  label: z.string(),
  help: z.string().nullable(),
  type: z.enum(['TEXT', 'NUMBER', 'BOOLEAN', 'DATE', 'SELECT', 'URL', 'EMAIL']),
  required: z.boolean(),
  editableBy: z.string(),
  rules: z.object({ maxLength: z.number().nullable(), options: z.array(z.string()) }),
})
/** A field that the operator asks for besides. */
export type AskedField = z.infer<typeof fieldSchema>

const applicationSchema = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(['UNCONFIRMED', 'SUBMITTED', 'APPROVED', 'REJECTED']),
  planHandle: z.string(),
  applicantEmail: z.string(),
  organization: z
    .object({ status: z.string(), members: z.object({ nodes: z.array(z.object({ id: z.string() })) }) })
    .nullable(),
})
export type KnownApplication = z.infer<typeof applicationSchema>

const invitationSchema = z.object({
  id: z.string(),
  email: z.string(),
  role: z.string(),
  status: z.string(),
  version: z.number(),
  organization: z.object({ name: z.string() }),
})
export type KnownInvitation = z.infer<typeof invitationSchema>

const nodes = <Shape>(shape: z.ZodType<Shape>) => z.object({ nodes: z.array(shape) })
const userErrors = z.array(z.object({ code: z.string(), field: z.array(z.string()).nullable(), message: z.string() }))
const outcomeSchema = z.object({ userErrors })
const acceptedSchema = z.object({ member: z.object({ id: z.string() }).nullable(), userErrors })
const personSchema = z.array(
  z.object({ memberId: z.string(), name: z.string(), email: z.string(), organizationStatus: z.string() }),
)

const fields = 'key label help type required editableBy rules { maxLength options }'
const plansQuery = `{ plans(first: 50) { nodes { handle name description visibility isDefault monthlyPrice { amount currencyCode } } } }`
const fieldsQuery = `query ($target: ExtraFieldTarget!) { extraFields(first: 100, target: $target, retired: false) { nodes { ${fields} } } }`
const applicationQuery = `query ($id: ID!) { partnerApplication(id: $id) { id name status planHandle applicantEmail
  organization { status members(first: 1) { nodes { id } } } } }`
const invitationQuery = `query ($id: ID!) { invitation(id: $id) { id email role status version organization { name } } }`
const peopleQuery = `query ($email: String!) { memberIdentities(email: $email) { memberId name email organizationStatus } }`
const submitMutation = `mutation ($input: SubmitPartnerApplicationInput!, $key: String) {
  submitPartnerApplication(input: $input, idempotencyKey: $key) { userErrors { code field message } } }`
const confirmMutation = `mutation ($input: ConfirmPartnerApplicationInput!) {
  confirmPartnerApplication(input: $input) { userErrors { code field message } } }`
const acceptMutation = `mutation ($input: AcceptMailedInvitationInput!) {
  acceptMailedInvitation(input: $input) { member { id } userErrors { code field message } } }`

/** What the pages for strangers ask of partner and billing. */
export type SignUpDesk = ReturnType<typeof createSignUpDesk>

/** Asks in the name of the installation, and where what a partner sees counts, in that of a partner without an app. */
export function createSignUpDesk(ask: AskSubgraph) {
  const system = systemCaller(['system:sign-up', 'system:identity', 'partner:decide', 'partner:read'])
  const stranger = createCaller({
    ...systemCaller(['partner:read', 'billing:read']),
    organizationId: 'none',
    planId: 'none',
    operator: false,
  })
  const outcome = async (query: string, variables: object): Promise<readonly Refusal[]> => {
    const answer = await askGraph(ask, system, { subgraph: 'partner', query, variables, shape: outcomeSchema })
    return answer?.userErrors ?? []
  }
  return {
    /** The plans that anybody may ask for, the one that asks nobody first; hidden ones are not among them. */
    async plans(): Promise<readonly OfferedPlan[]> {
      const page = await askGraph(ask, stranger, { subgraph: 'billing', query: plansQuery, shape: nodes(planSchema) })
      const offered = (page?.nodes ?? []).filter(({ visibility }) => visibility !== 'HIDDEN')
      return offered.toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault))
    },
    /** The extra fields that a partner fills in. */
    async extraFields(target: 'ORGANIZATION' | 'APP'): Promise<readonly AskedField[]> {
      const question = { subgraph: 'partner', query: fieldsQuery, variables: { target }, shape: nodes(fieldSchema) }
      const page = await askGraph(ask, stranger, question)
      return (page?.nodes ?? []).filter(({ editableBy }) => editableBy === 'PARTNER')
    },
    submit: (input: object, key: string) => outcome(submitMutation, { input, key }),
    confirm: (input: { id: string; planName: string; approve: boolean }) => outcome(confirmMutation, { input }),
    async application(id: string): Promise<KnownApplication | null> {
      if (!isIdOf('PartnerApplication', id)) return null
      const question = { subgraph: 'partner', query: applicationQuery, variables: { id }, shape: applicationSchema }
      return askGraph(ask, system, question)
    },
    async invitation(id: string): Promise<KnownInvitation | null> {
      if (!isIdOf('Invitation', id)) return null
      const question = { subgraph: 'partner', query: invitationQuery, variables: { id }, shape: invitationSchema }
      return askGraph(ask, system, question)
    },
    async accept(input: { id: string; version: number; name: string }) {
      const question = { subgraph: 'partner', query: acceptMutation, variables: { input }, shape: acceptedSchema }
      const answer = await askGraph(ask, system, question)
      return { memberId: answer?.member?.id ?? null, refusals: answer?.userErrors ?? [] }
    },
    /** Those of an address who may act. */
    async people(email: string) {
      const question = { subgraph: 'partner', query: peopleQuery, variables: { email }, shape: personSchema }
      const people = (await askGraph(ask, system, question)) ?? []
      return people.filter(({ organizationStatus }) => organizationStatus === 'APPROVED')
    },
  }
}
