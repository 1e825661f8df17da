import { z } from 'zod'
import { demoMemberId, demoPassword } from '../../auth/demo-login.ts'
import { systemCaller } from '../../kit/caller.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { demoAppKey, demoApps } from '../../subgraphs/demo-world/apps.ts'
import { demoOrganization } from '../../subgraphs/demo-world/organizations.ts'
import { demoPlans } from '../../subgraphs/demo-world/plans.ts'
import type { DemoCaller } from '../http/portal-routes.ts'
import type { SystemQuery } from '../identity/identity-directory.ts'

/** A demo app with its key, which is derived anew at every start because only its hash is stored. */
export interface DemoCredentials extends DemoCaller {
  readonly slug: string
}

/** The demo apps that a start prints; the first one is what the page and the sample commands use. */
export function demoCredentials(installationSecret: string): DemoCredentials[] {
  return demoApps
    .filter(({ keyShown }) => keyShown)
    .map((app) => ({
      slug: app.slug,
      appId: app.id,
      key: demoAppKey(installationSecret, app.slug),
      appName: app.name,
      organizationName: demoOrganization(app.organization).name,
      planName: demoPlans.find(({ handle }) => handle === app.plan)?.name ?? app.plan,
      scopes: app.scopes,
    }))
}

/** A person of the demo with the password that the authorization server takes. */
export interface DemoPerson {
  readonly name: string
  readonly email: string
  readonly password: string
}

const personSchema = z.object({ memberIdentity: z.object({ name: z.string(), email: z.string() }) })

/** The demo's person, as the partner subgraph knows it now; null when it is no member any more. */
export async function findDemoPerson(query: SystemQuery, installationSecret: string): Promise<DemoPerson | null> {
  const { data } = await query(
    'partner',
    'query DemoPerson($memberId: ID!) { memberIdentity(memberId: $memberId) { name email } }',
    { memberId: demoMemberId },
    systemCaller(['system:identity']),
  )
  const found = personSchema.safeParse(data)
  if (!found.success) return null
  return { ...found.data.memberIdentity, password: demoPassword(deriveSecret(installationSecret, 'demo-login')) }
}
