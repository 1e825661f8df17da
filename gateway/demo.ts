import { demoAppKey, demoApps } from '../subgraphs/demo-world/apps.ts'
import { demoOrganization } from '../subgraphs/demo-world/organizations.ts'
import { demoPlans } from '../subgraphs/demo-world/plans.ts'
import type { DemoCaller } from './http/portal-routes.ts'

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
