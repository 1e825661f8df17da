import { type Command, InvalidArgumentError, Option } from 'commander'
import { GraphError, UnreachableError } from '../sdk/graph-client.ts'

/** Where the graph is and as whom to call it. */
export interface GraphOptions {
  readonly url: string
  readonly app?: string
  readonly key?: string
}

/** Adds `--url`, `--app` and `--key` to a command. */
export function addGraphOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'the GraphQL endpoint').default('http://localhost:4000/graphql').argParser(toUrl),
    )
    .addOption(new Option('--app <id>', 'the app to call as').env('TRIBUTARY_APP'))
    .addOption(new Option('--key <key>', "the app's key").env('TRIBUTARY_KEY'))
}

/** The app and its key, or what to print when they were not given. */
export function requireCredentials({ app, key }: GraphOptions): { app: string; key: string } | { problem: string } {
  if (app && key) return { app, key }
  return {
    problem:
      'Which app? Pass --app and --key, or set TRIBUTARY_APP and TRIBUTARY_KEY.\n' +
      '`npm start` prints the demo apps with their keys; Operator Console may do everything.',
  }
}

/** What to tell a person about a failed call. `scopes` are those that the command needs. */
export function explainCallFailure(error: Error, scopes: string): string {
  if (error instanceof UnreachableError) return error.message
  if (!(error instanceof GraphError)) return error.stack ?? error.message
  if (error.code === 'UNAUTHENTICATED') return `${error.message}\nCheck --app and --key; \`npm start\` prints them.`
  if (error.code === 'FORBIDDEN') return `${error.message}\nThe app needs ${scopes}.`
  return error.message
}

function toUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('It must be a URL such as http://localhost:4000/graphql.')
}
