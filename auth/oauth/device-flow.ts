import type { Configuration } from 'oidc-provider'
import { deviceCodePage, deviceConfirmPage } from '../pages/device-pages.ts'
import { messagePage } from '../pages/message-page.ts'
import { organizationNameOf } from './clients.ts'
import { paths } from './paths.ts'

type DeviceFlow = NonNullable<NonNullable<Configuration['features']>['deviceFlow']>

/** The pages of the device flow (RFC 8628), on which a person enters and confirms a code. */
export function devicePages(): Pick<DeviceFlow, 'userCodeInputSource' | 'userCodeConfirmSource' | 'successSource'> {
  return {
    userCodeInputSource(ctx, _form, _out, error) {
      const { prefilledCode } = ctx.state as { prefilledCode?: string }
      const typed = error && 'userCode' in error ? (error.userCode as string | undefined) : undefined
      ctx.body = deviceCodePage({
        action: paths.device,
        xsrf: xsrfOf(ctx.oidc.session),
        userCode: typed ?? prefilledCode ?? '',
        refusal: deviceRefusal(error),
      })
    },
    userCodeConfirmSource(ctx, _form, client, _device, userCode) {
      ctx.body = deviceConfirmPage({
        action: paths.device,
        xsrf: xsrfOf(ctx.oidc.session),
        userCode,
        appName: client.clientName ?? client.clientId,
        organizationName: organizationNameOf(client),
      })
    },
    successSource(ctx) {
      const name = ctx.oidc.client?.clientName ?? 'The app'
      ctx.body = messagePage('The device is connected', `${name} goes on there by itself. You can close this page.`)
    },
  }
}

function deviceRefusal(error: Error | undefined): string | undefined {
  if (error === undefined) return undefined
  if (error.name === 'AbortedError') return 'You have cancelled. The device was told so.'
  if (error.name === 'NoCodeError') return 'Enter the code that the device shows.'
  if ('userCode' in error || error.name.endsWith('NotFoundError')) {
    return 'This code is not known, used or expired. Look at the device once more, or begin there again.'
  }
  return 'This did not work. Begin again on the device.'
}

function xsrfOf(session: object | undefined): string {
  const state = session && 'state' in session ? (session.state as { secret?: string } | undefined) : undefined
  return state?.secret ?? ''
}
