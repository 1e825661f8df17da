import type { ClientSession, Connection } from 'mongoose'
import type { GraphAsker } from './ask-graph.ts'
import type { Caller } from './caller.ts'
import type { NetworkRules } from './egress/network-rules.ts'
import type { DomainEvent, EventLog } from './events.ts'
import type { Logger } from './log.ts'
import type { SchemaOffice } from './schema-workshop.ts'

/** What work without a request gets. */
export interface BackgroundContext<Models> {
  readonly models: Models
  readonly events: EventLog
  readonly connection: Connection
  readonly log: Logger
  readonly now: () => Date
}

/** Work that becomes due by time. */
export interface Timer<Models> {
  /** In kebab-case, unique in its subgraph, for example `reservation-expiry`. */
  readonly name: string
  /**
   * Handles a bounded part of what is due and answers how many it handled; called again until that is 0. Several
   * processes may run it at once after one was thought dead, so that each piece of work must be claimed by a
   * conditional update in the transaction that does it.
   */
  run(context: BackgroundContext<Models>): Promise<number>
}

/** What follows from events of the log, each handled once and in the order of the log. */
export interface Reaction<Models> {
  /** In kebab-case, unique in its subgraph: its place in the log is kept under this name. */
  readonly name: string
  readonly types: readonly string[]
  /** Where a new reaction begins: with the oldest event that is kept, unless it says that only new ones concern it. */
  readonly beginsAt?: 'oldest' | 'now'
  /** Works in the transaction that also moves the reaction's place in the log: both are committed or neither. */
  handle(context: BackgroundContext<Models>, event: DomainEvent, session: ClientSession): Promise<void>
}

export type ImportValue = string | number | boolean | Date | null

/** A column that lines of a kind may have. */
export interface ImportColumn {
  readonly name: string
  readonly description: string
  readonly required: boolean
  /**
   * What a value is: `integer` a safe integer, `decimal` a text such as `12.50` that has not become a float, `moment` a
   * Date read from ISO 8601. NDJSON may give the JSON type too.
   */
  readonly type: 'text' | 'integer' | 'decimal' | 'boolean' | 'moment'
}

/** A line whose columns are known, complete and of their type; a column that was left out is null. */
export interface ImportLine {
  /** The line's number in the file, from 1, the header not counted. */
  readonly number: number
  readonly values: Readonly<Record<string, ImportValue>>
}

/** Why a line was not applied. */
export interface ImportRefusal {
  readonly line: number
  readonly column: string | null
  readonly code: string
  readonly message: string
}

/** In whose name lines are applied. */
export interface ImportContext<Models> extends BackgroundContext<Models> {
  readonly caller: Caller
}

/** How lines of one kind become documents. */
export interface Importer<Models> {
  /** In kebab-case, unique in the graph, for example `inventory-levels`. */
  readonly kind: string
  /** What one line is, in a sentence, for `--help`. */
  readonly description: string
  /** The scope that whoever imports must have. */
  readonly scope: string
  readonly columns: readonly ImportColumn[]
  /**
   * Applies lines in the transaction that also moves the job's progress, with few commands however many lines there
   * are. Lines that cannot be applied are answered and leave no trace; the others are applied. Applying a line again
   * changes nothing: documents are found by an external id or a natural key that the line holds.
   */
  apply(
    context: ImportContext<Models>,
    lines: readonly ImportLine[],
    session: ClientSession,
  ): Promise<readonly ImportRefusal[]>
}

/** How work of a subgraph reaches what is not its own. */
export interface Outside {
  /** Asks the graph in the name of an app. */
  readonly graph: GraphAsker
  /** The networks that addresses of partners' choice may lie in. */
  readonly networks: NetworkRules
  /** Where subgraphs of others are checked and composed; left out where none are published. */
  readonly schemas?: SchemaOffice
}

/** What a worker gets besides. */
export interface WorkerContext<Models> extends BackgroundContext<Models> {
  readonly outside: Outside
}

/** Work that goes on as long as its process and is shared with other processes, such as deliveries to partners. */
export interface Worker<Models> {
  /** In kebab-case, unique in its subgraph. */
  readonly name: string
  start(context: WorkerContext<Models>): RunningWorker
}

export interface RunningWorker {
  /** Ends what is under way within seconds. What was begun and not recorded is done again by another process. */
  close(): Promise<void>
}

type Bound<Work, Method extends keyof Work> = Omit<Work, Method>

/** A subgraph's work without requests, bound to its models; see `bindBackground`. */
export interface Background {
  readonly timers: readonly (Bound<Timer<never>, 'run'> & { run(): Promise<number> })[]
  readonly reactions: readonly (Bound<Reaction<never>, 'handle'> & {
    handle(event: DomainEvent, session: ClientSession): Promise<void>
  })[]
  readonly importers: readonly (Bound<Importer<never>, 'apply'> & {
    apply(caller: Caller, lines: readonly ImportLine[], session: ClientSession): Promise<readonly ImportRefusal[]>
  })[]
  /** None where nothing outside can be reached. */
  readonly workers: readonly (Bound<Worker<never>, 'start'> & { start(): RunningWorker })[]
}

/** Binds a subgraph's work to what it works on; names are prefixed with the subgraph's own. */
export function bindBackground<Models>(
  definition: {
    readonly name: string
    readonly timers?: readonly Timer<Models>[]
    readonly reactions?: readonly Reaction<Models>[]
    readonly importers?: readonly Importer<Models>[]
    readonly workers?: readonly Worker<Models>[]
  },
  context: BackgroundContext<Models>,
  outside?: Outside,
): Background {
  const named = (name: string): string => `${definition.name}:${name}`
  return {
    timers: (definition.timers ?? []).map((timer) => ({ name: named(timer.name), run: () => timer.run(context) })),
    reactions: (definition.reactions ?? []).map((reaction) => ({
      name: named(reaction.name),
      types: reaction.types,
      beginsAt: reaction.beginsAt ?? 'oldest',
      handle: (event, session) => reaction.handle(context, event, session),
    })),
    importers: (definition.importers ?? []).map(({ kind, description, scope, columns, ...importer }) => ({
      kind,
      description,
      scope,
      columns,
      apply: (caller, lines, session) => importer.apply({ ...context, caller }, lines, session),
    })),
    workers:
      outside === undefined
        ? []
        : (definition.workers ?? []).map((worker) => ({
            name: named(worker.name),
            start: () => worker.start({ ...context, outside }),
          })),
  }
}
