import { Command } from 'commander'
import {
  SignInError,
  awaitTokens,
  findAuthorizationServer,
  requestDeviceCode,
  revokeTokens,
} from '../../sdk/device-sign-in.ts'
import { type GraphOptions, addPlaceOptions, defaultUrl } from '../graph-options.ts'
import { type LocalRun, localCommand } from '../run-command.ts'
import { UsageError } from '../usage-error.ts'
import { createCredentialFile } from './credential-file.ts'

/** The app "Tributary CLI" of the demo, which has this id on every installation. */
export const cliAppId = 'app_pjp5893p37scze1p'

/** What is asked for when nothing else is said: all that commands here need. */
const usualScopes = 'apps:read apps:write billing:read billing:write partner:read webhooks:read webhooks:write'

interface Options extends Partial<GraphOptions> {
  readonly config: string
  readonly client: string
  readonly scope: string
}

/** `tributary login`. */
export function loginCommand(): Command {
  const command = addPlaceOptions(new Command('login'))
    .summary('sign in with a browser, on this or another machine')
    .description(
      'Signs you in by a device code: open the page that is shown, on any device, and allow what it lists. The sign-in is\n' +
        'kept in a file for you only, renewed as needed, and ends after 30 days, with `tributary logout`, or when you take\n' +
        'your consent back. Commands then act for you, at your organization, with what both you and the app may do.',
    )
    .option('--client <app>', "the public app to sign in through; by default the demo's Tributary CLI", cliAppId)
    .option('--scope <scopes>', 'what to ask for, parted by blanks', usualScopes)
    .addHelpText(
      'after',
      `
Examples
  At the product of \`npm start\`:
    tributary login
  Elsewhere, to read deals, through a public app of yours:
    tributary login --graph https://graph.example/graphql --client app_… --scope "deals:read"

Without a person, for scripts: --app and --key, or TRIBUTARY_APP and TRIBUTARY_KEY, with every command.`,
    )
  return localCommand<Options>(command, { interrupted: 'Not signed in.', work: login })
}

/** `tributary logout`. */
export function logoutCommand(): Command {
  const command = addPlaceOptions(new Command('logout'))
    .summary('end a sign-in, here and on the server')
    .addHelpText('after', '\nExample\n    tributary logout')
  return localCommand<Options>(command, { interrupted: 'Interrupted.', work: logout })
}

async function login({ options, signal, print, printError, show }: LocalRun<Options>): Promise<number> {
  const file = createCredentialFile(options.config)
  const url = options.graph ?? (await file.currentUrl()) ?? defaultUrl
  const server = await findAuthorizationServer(new URL(url).origin, signal)
  const clientId = options.client
  const scope = `${options.scope} offline_access`
  const code = await requestDeviceCode(server, { clientId, scope, signal }).catch((error: unknown) => {
    if (error instanceof SignInError && error.code === 'invalid_client') {
      throw new UsageError(
        `${url} knows no app ${clientId}. Register a public one and name it with --client:\n` +
          '  tributary app create --name "Tributary CLI" --public --scopes apps:read,apps:write,billing:read',
      )
    }
    throw error
  })
  // On standard error under --json: the answer is on standard output alone.
  const tell = options.json ? printError : print
  tell(`Open ${code.pageWithCode}\nand confirm the code ${code.userCode}. Waiting; Ctrl-C ends it.`)
  const tokens = await awaitTokens(server, code, { clientId, signal })
  await file.alone(() => file.save({ url, clientId, ...tokens }, { begun: true }))
  show({ url, scope: tokens.scope, file: file.path }, () => print(`Signed in at ${url}. Kept in ${file.path}.`))
  return 0
}

async function logout({ options, signal, print, show }: LocalRun<Options>): Promise<number> {
  const file = createCredentialFile(options.config)
  const url = options.graph ?? (await file.currentUrl())
  return await file.alone(async () => {
    const kept = url === null ? null : await file.find(url)
    if (url === null || kept === null) throw new UsageError('Nobody is signed in there.')
    if (kept.refreshToken !== null) {
      const server = await findAuthorizationServer(new URL(url).origin, signal)
      await revokeTokens(server, { clientId: kept.clientId, refreshToken: kept.refreshToken, signal })
    }
    await file.forget(url)
    show({ url }, () => print(`Signed out at ${url}.`))
    return 0
  })
}
