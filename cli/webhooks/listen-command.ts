import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import { type OperationDefinitionNode, Kind, OperationTypeNode, parse } from 'graphql'
import { type FollowOptions, addFollowOptions } from '../events/events-command.ts'
import { type EventAnswer, followEvents, newestCursor } from '../events/follow-events.ts'
import { reasonOf } from '../../sdk/graph-client.ts'
import { type CommandRun, graphCommand } from '../run-command.ts'
import { UsageError } from '../usage-error.ts'
import { type GraphPart, createSecret, messageBody, signedHeaders } from './webhook-message.ts'

interface Options extends FollowOptions {
  readonly forward?: string
  readonly secret?: string
  readonly selection?: string
}

/** A receiver has this long, as in a real delivery. */
const receiverDeadlineMs = 15_000

/** `tributary webhook listen`. */
export function listenCommand(): Command {
  const command = addFollowOptions(new Command('listen'))
    .summary('receive webhooks on this machine, without a public address')
    .description(
      'Polls the events that your app may read and posts each to a URL of yours, with the body, the headers and the\n' +
        'signature of a real delivery. Nothing is made on the server. Each event is posted once, in order; what your\n' +
        'receiver answers is shown, and not tried again.',
    )
    .option('--forward <url>', 'where to post to; without it the messages are printed', toUrl)
    .option('--secret <whsec_…>', 'sign with this secret; by default with a new one, which is shown', toSecret)
    .option('--selection <file>', 'a file with a query whose answer is sent along in data.graph')
    .addHelpText(
      'after',
      `
Examples
  To a receiver that you are writing:
    tributary webhook listen --forward http://localhost:3000/hooks
  Deals only, with what a query says of each, printed:
    tributary webhook listen --types deal.approved --selection deal.graphql`,
    )
  let reached: string | null = null
  return graphCommand<Options>(command, {
    scopes: 'the scopes of the types; `tributary events types` shows them',
    get interrupted() {
      return reached === null ? null : `Go on with --after ${reached}`
    },
    work: (run) =>
      listen(run, (cursor) => {
        reached = cursor
      }),
  })
}

async function listen(run: CommandRun<Options>, onCursor: (cursor: string) => void): Promise<number> {
  const { graph, options, signal, printError } = run
  const selection = options.selection === undefined ? null : await readSelection(options.selection)
  const secret = options.secret ?? createSecret()
  const after = options.after ?? (await newestCursor(graph))
  onCursor(after)
  if (options.secret === undefined) printError(`The signing secret is ${secret}`)
  printError(options.forward === undefined ? 'Listening.' : `Listening; each event is posted to ${options.forward}.`)
  const following = { after, types: options.types ?? null, once: options.once === true, everyMs: options.every * 1000 }
  let failed = 0
  for await (const { events, cursor } of followEvents(graph, { ...following, signal, onTrouble: printError })) {
    for (const event of events) {
      // One after the other: receivers of an endpoint get events in order.
      const body = messageBody(event, selection && (await askSelection(run, selection, event)))
      if (!(await deliver(run, { event, body, secret }))) failed += 1
      onCursor(event.cursor)
    }
    onCursor(cursor)
  }
  return failed === 0 ? 0 : 1
}

async function deliver(
  { options, signal, print }: CommandRun<Options>,
  { event, body, secret }: { readonly event: EventAnswer; readonly body: string; readonly secret: string },
): Promise<boolean> {
  const headers = {
    'content-type': 'application/json',
    ...signedHeaders(secret, { id: event.id, body, at: new Date() }),
  }
  if (options.forward === undefined) {
    print(options.json ? JSON.stringify({ headers, body }) : body)
    return true
  }
  const begun = performance.now()
  const outcome = await fetch(options.forward, {
    method: 'POST',
    headers: { ...headers, 'user-agent': 'Tributary-Webhooks/1' },
    body,
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(receiverDeadlineMs)]),
  }).then(
    async (response) => {
      await response.body?.cancel()
      return { status: response.status, error: null }
    },
    (error: unknown) => {
      signal.throwIfAborted()
      return { status: null, error: reasonOf(error) }
    },
  )
  const { status, error } = outcome
  const durationMs = Math.round(performance.now() - begun)
  const { id, type, subject } = event
  print(
    options.json
      ? JSON.stringify({ id, type, subject, status, error, durationMs })
      : `${status ?? error}  ${durationMs} ms  ${type}  ${subject}  ${id}`,
  )
  return status !== null && status >= 200 && status < 300
}

interface Selection {
  readonly query: string
  readonly variables: readonly string[]
}

async function readSelection(file: string): Promise<Selection> {
  try {
    const query = await readFile(file, 'utf8')
    const operations = parse(query).definitions.filter(
      (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
    )
    const [operation] = operations
    if (operation?.operation !== OperationTypeNode.QUERY || operations.length !== 1)
      throw new Error('it must hold one query')
    return { query, variables: (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value) }
  } catch (error) {
    throw new UsageError(
      `--selection ${file} cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
    )
  }
}

async function askSelection(
  { graph }: CommandRun<Options>,
  selection: Selection,
  event: EventAnswer,
): Promise<GraphPart> {
  const { id, type, subject, time, data } = event
  const known: Readonly<Record<string, unknown>> = { ...data, eventId: id, type, subject, time }
  const variables = Object.fromEntries(
    selection.variables.flatMap((name) => (Object.hasOwn(known, name) ? [[name, known[name]]] : [])),
  )
  const { data: answered = null, errors = [] } = await graph.answer(selection.query, variables)
  const told = errors.map(({ message, extensions }) => ({ message, code: extensions?.code ?? 'INTERNAL' }))
  return { data: answered, ...(told.length > 0 ? { errors: told.slice(0, 10) } : {}) }
}

function toUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('It must be a URL such as http://localhost:3000/hooks.')
}

function toSecret(text: string): string {
  if (/^whsec_[A-Za-z0-9+/]{16,}={0,2}$/.test(text)) return text
  throw new InvalidArgumentError('It must be whsec_ and at least 16 characters of base64.')
}
