/** Where pages and endpoints are that this folder names more than once. */
export const paths = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  revocation: '/oauth/revoke',
  device: '/oauth/device',
  interaction: '/oauth/interaction',
  password: '/oauth/password',
} as const
