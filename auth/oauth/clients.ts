import type { AllClientMetadata } from 'oidc-provider'
import type { ClientApp } from '../directory.ts'

const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code'

/** An app as oidc-provider knows clients. `standInSecret` is asked for by its schema and never compared. */
export function clientMetadata(app: ClientApp, standInSecret: string): AllClientMetadata {
  const confidential = app.clientType === 'CONFIDENTIAL'
  const redirects = app.redirectUris.length > 0
  return {
    client_id: app.appId,
    client_name: app.appName,
    organization_name: app.organizationName,
    graph_scopes: app.scopes.join(' '),
    // Decides here only which redirect URIs are well-formed, of which partner has made sure.
    application_type: app.redirectUris.every((uri) => /^https?:/.test(uri)) ? 'web' : 'native',
    token_endpoint_auth_method: confidential ? 'client_secret_basic' : 'none',
    ...(confidential ? { client_secret: standInSecret } : {}),
    redirect_uris: [...app.redirectUris],
    response_types: redirects ? ['code'] : [],
    grant_types: [
      ...(confidential ? ['client_credentials'] : []),
      ...(redirects ? ['authorization_code'] : []),
      deviceCode,
      'refresh_token',
    ],
  }
}

/** The scopes of the graph that a client may ask for; `graph_scopes` is carried through by oidc-provider. */
export function graphScopesOf(client: object): readonly string[] {
  const text = 'graph_scopes' in client ? client.graph_scopes : ''
  return typeof text === 'string' ? text.split(' ').filter((scope) => scope !== '') : []
}

/** The name of the organization that a client belongs to. */
export function organizationNameOf(client: object): string {
  return 'organization_name' in client && typeof client.organization_name === 'string' ? client.organization_name : ''
}
