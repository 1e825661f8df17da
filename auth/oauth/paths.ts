/** Where pages and endpoints are that this folder names more than once. */
export const paths = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  revocation: '/oauth/revoke',
  device: '/oauth/device',
  interaction: '/oauth/interaction',
  password: '/oauth/password',
  apply: '/oauth/apply',
  forgotten: '/oauth/forgotten',
  invitation: '/oauth/invitation',
  account: '/oauth/account',
} as const
