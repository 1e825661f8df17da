/** How a request says who it is: an app's id and key, or an access token. Null: it says nothing. */
export type Credentials =
  | { readonly kind: 'key'; readonly appId: string; readonly key: string }
  | { readonly kind: 'token'; readonly token: string }

/** Header names of the app id and key pair. */
export const credentialHeaders = { appId: 'x-tributary-app', key: 'x-tributary-key' } as const

/** Reads credentials from HTTP headers. */
export function credentialsFromHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Credentials | null {
  return readCredentials({
    appId: headers[credentialHeaders.appId],
    key: headers[credentialHeaders.key],
    authorization: headers['authorization'],
  })
}

/** Reads credentials from the payload of a WebSocket's connection init: `{ appId, key }` or `{ authorization }`. */
export function credentialsFromInit(payload: Readonly<Record<string, unknown>> | undefined): Credentials | null {
  return readCredentials(payload ?? {})
}

function readCredentials(from: Readonly<Record<string, unknown>>): Credentials | null {
  const { appId, key, authorization } = from
  if (typeof appId === 'string' && typeof key === 'string') return { kind: 'key', appId, key }
  if (typeof authorization !== 'string') return null
  const token = /^Bearer ([\w~+/.-]+=*)$/i.exec(authorization)?.[1]
  return token === undefined ? null : { kind: 'token', token }
}
