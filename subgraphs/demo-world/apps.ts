import { hkdfSync } from 'node:crypto'
import { appKeyFromBytes } from '../../kit/app-key.ts'
import { seededId } from '../../kit/ids.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { type Scope, scopes } from '../../schema/scopes.ts'

export interface DemoApp {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly organization: string
  readonly plan: string
  readonly scopes: readonly Scope[]
  /** True when a start of the demo prints the app's key. */
  readonly keyShown: boolean
  /** True for an app that can keep no secret, so that people sign in through it by a device code. */
  readonly isPublic: boolean
}

const partnerScopes: readonly Scope[] = [
  'partner:read',
  'partner:write',
  'apps:read',
  'apps:write',
  'catalog:read',
  'listings:write',
  'pricing:read',
  'deals:read',
  'deals:write',
  'inventory:read',
  'inventory:reserve',
  'billing:read',
  'billing:write',
  'webhooks:read',
  'webhooks:write',
]
const shopScopes: readonly Scope[] = ['catalog:read', 'pricing:read', 'inventory:read']
const everyScope = Object.keys(scopes) as Scope[]

type Row = readonly [
  slug: string,
  name: string,
  organization: string,
  plan: string,
  scopes: readonly Scope[],
  keyShown?: true,
]

const rows: readonly Row[] = [
  ['northwind-portal', 'Northwind Partner Portal', 'northwind', 'partner-gold', partnerScopes, true],
  ['northwind-stock-feed', 'Northwind Stock Feed', 'northwind', 'growth', ['catalog:read', 'inventory:read'], true],
  ['contoso-trial', 'Contoso Trial', 'contoso', 'trial', ['catalog:read', 'partner:read'], true],
  ['operator-console', 'Operator Console', 'meridian', 'internal', everyScope, true],
  ['fjordline-portal', 'Fjordline Portal', 'fjordline', 'partner-gold', partnerScopes],
  ['alpenland-erp', 'Alpenland ERP Connector', 'alpenland', 'partner-gold', partnerScopes],
  ['pennine-shop', 'Pennine Web Shop', 'pennine', 'growth', shopScopes],
  ['pennine-portal', 'Pennine Portal', 'pennine', 'partner-gold', partnerScopes],
  ['rhone-boutique', 'Boutique Rhône', 'rhone', 'growth', shopScopes],
  ['polder-shop', 'Polder Webwinkel', 'polder', 'growth', shopScopes],
  ['thamesgate-quoting', 'Thamesgate Quoting', 'thamesgate', 'scale', ['catalog:read', 'pricing:read', 'billing:read']],
  ['iberia-tec-tienda', 'Tienda Iberia Tec', 'iberia-tec', 'growth', shopScopes],
  ['vistula-sklep', 'Vistula Sklep', 'vistula', 'trial', ['catalog:read']],
  // The command `tributary` knows its id, so that `tributary login` needs no other.
  ['tributary-cli', 'Tributary CLI', 'meridian', 'partner-gold', everyScope],
]

/** The apps of the demo; all of them call the sandbox. */
export const demoApps: readonly DemoApp[] = rows.map(
  ([slug, name, organization, plan, appScopes, keyShown = false]) => ({
    id: seededId('App', slug),
    slug,
    name,
    organization,
    plan,
    scopes: appScopes,
    keyShown,
    isPublic: slug === 'tributary-cli',
  }),
)

/** The key of a demo app, derived anew at every start, so that only its hash is ever stored. */
export function demoAppKey(installationSecret: string, slug: string): string {
  const bytes = hkdfSync('sha256', deriveSecret(installationSecret, 'demo-app-keys'), '', slug, 64)
  return appKeyFromBytes('test', new Uint8Array(bytes))
}
