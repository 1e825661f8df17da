import { Command, InvalidArgumentError, Option } from 'commander'
import type { GraphOptions } from '../graph-options.ts'
import { listCommand } from '../list-command.ts'
import { printable } from '../print-table.ts'
import { type CommandRun, graphCommand } from '../run-command.ts'
import { type EventAnswer, followEvents, newestCursor } from './follow-events.ts'

/** What every command asks for that follows events. */
export interface FollowOptions extends GraphOptions {
  readonly after?: string
  readonly types?: readonly string[]
  readonly once?: true
  readonly every: number
}

/** `tributary events`. */
export function eventsCommand(): Command {
  return new Command('events')
    .summary('follow the event log')
    .description('The log of what happened: each event of which your organization may learn, in order and once.')
    .addCommand(tailCommand())
    .addCommand(typesCommand())
}

/** Adds `--after`, `--types`, `--once` and `--every`. */
export function addFollowOptions(command: Command): Command {
  return command
    .option('--after <cursor>', 'begin behind this cursor; by default with what happens from now on')
    .option('--types <types>', 'only these, parted by commas; `tributary events types` lists them', toList)
    .option('--once', 'end when all that happened until now was read')
    .addOption(new Option('--every <seconds>', 'how often to ask when nothing is new').default(2).argParser(toSeconds))
}

function tailCommand(): Command {
  const command = addFollowOptions(new Command('tail'))
    .summary('print events as they happen')
    .addHelpText(
      'after',
      `
Interrupted, it prints the cursor to go on with. With --json each event is one line of JSON.

Examples
  What happens from now on:
    tributary events tail
  Approved deals, for a script, from where it was:
    tributary events tail --types deal.approved --after evc_… --json`,
    )
  let reached: string | null = null
  return graphCommand<FollowOptions>(command, {
    scopes: 'the scopes of the types; `tributary events types` shows them',
    get interrupted() {
      return reached === null ? null : `Go on with --after ${reached}`
    },
    work: (run) =>
      tail(run, (cursor) => {
        reached = cursor
      }),
  })
}

/** An event for people. Its data is what teams of subgraphs have handed in. */
export function toLine({ time, type, subject, data }: EventAnswer): string {
  return [time, type, subject, JSON.stringify(data)].map(printable).join('  ')
}

async function tail(run: CommandRun<FollowOptions>, onCursor: (cursor: string) => void): Promise<number> {
  const { graph, options, signal, print, printError } = run
  const after = options.after ?? (await newestCursor(graph))
  onCursor(after)
  const following = { after, types: options.types ?? null, once: options.once === true, everyMs: options.every * 1000 }
  for await (const { events, cursor } of followEvents(graph, { ...following, signal, onTrouble: printError })) {
    for (const event of events) {
      print(options.json ? JSON.stringify(event) : toLine(event))
    }
    onCursor(cursor)
  }
  return 0
}

function typesCommand(): Command {
  const command = new Command('types')
    .summary('the types of events that you may read')
    .addHelpText('after', '\nExample\n    tributary events types')
  return listCommand<EventTypeAnswer>(command, {
    scopes: 'any scope',
    async read({ graph }) {
      const { eventTypes } = await graph.request<{ eventTypes: readonly EventTypeAnswer[] }>(
        '{ eventTypes { name scope description } }',
      )
      return eventTypes
    },
    columns: () => [
      ['type', ({ name }) => name],
      ['scope', ({ scope }) => scope],
      ['what it tells', ({ description }) => description],
    ],
  })
}

interface EventTypeAnswer {
  readonly name: string
  readonly scope: string
  readonly description: string
}

function toList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function toSeconds(text: string): number {
  const seconds = Number(text)
  if (seconds >= 0.1 && seconds <= 3600) return seconds
  throw new InvalidArgumentError('It must be a number of seconds from 0.1 to 3600.')
}
