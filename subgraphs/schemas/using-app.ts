import { z } from 'zod'
import { tierScopes } from '../../schema/scopes.ts'

/** An app that builds on the graph, whom to write to and what it pays. */
export interface UsingApp {
  readonly appId: string
  readonly appName: string
  readonly organizationId: string | null
  readonly organizationName: string | null
  readonly planName: string | null
  readonly monthlyPrice: string | null
  readonly contacts: readonly { readonly name: string; readonly email: string }[]
  /** What the app holds, by its own grant and by its organization's tier; null where that is not known. */
  readonly scopes: readonly string[] | null
}

/** What to select of an app. */
export const appFields = `name
      scopes
      plan { name monthlyPrice { amount currencyCode } }
      organization { id name tier { grants } members(first: 10) { nodes { name email role } } }`

/** How the graph answers it. */
export const appSchema = z.object({
  name: z.string(),
  scopes: z.array(z.string()),
  plan: z
    .object({ name: z.string(), monthlyPrice: z.object({ amount: z.string(), currencyCode: z.string() }) })
    .nullable(),
  organization: z
    .object({
      id: z.string(),
      name: z.string(),
      tier: z.object({ grants: z.array(z.string()) }).nullable(),
      members: z
        .object({ nodes: z.array(z.object({ name: z.string(), email: z.string(), role: z.string() })) })
        .nullable(),
    })
    .nullable(),
})

const contactRoles: readonly string[] = ['ADMIN', 'DEVELOPER']

/** An app by its id and what the graph has answered of it. Those of the operator hold whatever tiers give. */
export function usingApp(appId: string, app: z.output<typeof appSchema> | null, operatorId: string): UsingApp {
  const { plan = null, organization = null } = app ?? {}
  const byTier = organization?.id === operatorId ? Object.keys(tierScopes) : (organization?.tier?.grants ?? [])
  return {
    appId,
    appName: app?.name ?? appId,
    organizationId: organization?.id ?? null,
    organizationName: organization?.name ?? null,
    planName: plan?.name ?? null,
    monthlyPrice: plan && `${plan.monthlyPrice.amount} ${plan.monthlyPrice.currencyCode}`,
    contacts: (organization?.members?.nodes ?? [])
      .filter(({ role }) => contactRoles.includes(role))
      .slice(0, 3)
      .map(({ name, email }) => ({ name, email })),
    scopes: app && [...app.scopes, ...byTier],
  }
}

/** `App of Organization (12 operations, plan Gold at 490.00 EUR a month, contact Anna <anna@example.com>)`. */
export function describeApp(
  { appName, organizationName, planName, monthlyPrice, contacts }: UsingApp,
  ...facts: readonly string[]
): string {
  const all = [
    ...facts,
    ...(planName === null ? [] : [`plan ${planName}${monthlyPrice === null ? '' : ` at ${monthlyPrice} a month`}`]),
    ...contacts.slice(0, 1).map(({ name, email }) => `contact ${name} <${email}>`),
  ]
  const name = `${appName}${organizationName === null ? '' : ` of ${organizationName}`}`
  return all.length === 0 ? name : `${name} (${all.join(', ')})`
}
