import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { SignInError } from '../sdk/device-sign-in.ts'
import { GraphError, UnreachableError } from '../sdk/graph-client.ts'
import { RefusedError } from './usage-error.ts'

/** Where the graph is and as whom to call it. */
export interface GraphOptions {
  /** The GraphQL endpoint. */
  readonly graph: string
  readonly app?: string
  readonly key?: string
  /** The folder that sign-ins are kept in. */
  readonly config: string
  readonly json?: true
}

/** Where the graph of `npm start` is. */
export const defaultUrl = 'http://localhost:4000/graphql'

/** Adds `--graph` and `--config` to a command, and `--url` for the same where that means nothing else. */
export function addPlaceOptions(command: Command): Command {
  const url = command.options.some(({ long }) => long === '--url')
    ? []
    : [new Option('--url <url>', 'the same as --graph').argParser(toUrl)]
  for (const option of url) {
    command.addOption(option).on('option:url', (text: string) => command.setOptionValue('graph', text))
  }
  return command
    .addOption(
      new Option('--graph <url>', `the GraphQL endpoint; where you signed in at last, else ${defaultUrl}`)
        .env('TRIBUTARY_URL')
        .argParser(toUrl),
    )
    .addOption(
      new Option('--config <folder>', 'where sign-ins are kept').env('TRIBUTARY_CONFIG').default(configFolder()),
    )
}

/** The same with `--app` and `--key`. */
export function addGraphOptions(command: Command): Command {
  return addPlaceOptions(command)
    .addOption(new Option('--app <id>', 'the app to call as').env('TRIBUTARY_APP'))
    .addOption(new Option('--key <key>', "the app's key").env('TRIBUTARY_KEY'))
}

/** Adds `--json` to a command. */
export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print JSON, for programs; failures too, on standard error')
}

/** What to print when nobody has said as whom to call. */
export const whichApp =
  'Which app? Sign in with `tributary login`, or pass --app and --key, or set TRIBUTARY_APP and TRIBUTARY_KEY.\n' +
  '`npm start` prints the demo apps with their keys; Operator Console may do everything.'

/** What to tell a person about a failed call. `scopes` are those that the command needs. */
export function explainCallFailure(error: Error, scopes: string): string {
  if (error instanceof UnreachableError || error instanceof SignInError) return error.message
  if (error instanceof RefusedError) return `${error.code}: ${error.message}`
  if (!(error instanceof GraphError)) return error.stack ?? error.message
  if (error.code === 'UNAUTHENTICATED') {
    return `${error.message}\nCheck --app and --key; \`npm start\` prints them. Or sign in again: \`tributary login\`.`
  }
  if (error.code === 'FORBIDDEN') {
    return `${error.message}\nThe app needs ${scopes}. \`tributary app list\` shows what apps may do.`
  }
  return error.message
}

/** The code of a failure for programs. */
export function codeOfFailure(error: Error): string {
  if (error instanceof GraphError || error instanceof SignInError || error instanceof RefusedError) return error.code
  if (error instanceof UnreachableError) return 'UNREACHABLE'
  return error.name === 'UsageError' ? 'USAGE' : 'FAILED'
}

function configFolder(): string {
  const parts = { win32: ['AppData', 'Roaming'], darwin: ['Library', 'Application Support'] } as const
  const { platform } = process
  return join(
    homedir(),
    ...(platform === 'win32' || platform === 'darwin' ? parts[platform] : ['.config']),
    'tributary',
  )
}

function toUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('It must be a URL such as http://localhost:4000/graphql.')
}
