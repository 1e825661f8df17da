import type { ClientSession } from 'mongoose'
import { eventTypeInfo, readableTypes } from './event-types.ts'

/** A type of events as the SDL of a published subgraph declares it, by `@eventType`. */
export interface EventTypeDeclaration {
  /** Begins with the subgraph's name, for example `loyalty.points_awarded`. */
  readonly name: string
  /** What has happened, in a sentence. */
  readonly description: string
  /** The scope that whoever reads events of this type must have. */
  readonly scope: string
}

/**
 * A declaration that holds now. Events are recorded under its id: what the same name stands for later, for readers with
 * another scope, is another declaration, and events of before are none of it.
 */
export interface DeclaredEventType extends EventTypeDeclaration {
  readonly _id: string
  readonly subgraph: string
  /** False for what only the sandbox's graph declares, which is for apps of the sandbox. */
  readonly live: boolean
}

/** Whose reading is asked about. */
export interface EventTypeReader {
  readonly scopes: readonly string[]
  /** Apps of the sandbox read what only its graph declares, too. */
  readonly sandbox: boolean
}

/** What published subgraphs declare now; part of the log, because all that read the log need it. */
export interface EventTypeRegister {
  /** Those that a reader may read, all or those of `wanted`, by name. */
  readable(reader: EventTypeReader, wanted?: readonly string[] | null): Promise<readonly DeclaredEventType[]>
  /** Those of these names, whoever asks. */
  named(names: readonly string[], session?: ClientSession): Promise<readonly DeclaredEventType[]>
  /** Replaces what a subgraph declares, in the transaction of its publication. Who is in both keeps its id. */
  declare(
    session: ClientSession,
    subgraph: string,
    declared: readonly (EventTypeDeclaration & { readonly live: boolean })[],
  ): Promise<void>
}

/** The types of events that a reader is told, the product's by name and those of published subgraphs by declaration. */
export interface ReadableEventTypes {
  readonly types: readonly string[]
  readonly declarations: readonly string[]
}

/** All types that a reader may read, or those of `wanted`. */
export async function readableEventTypes(
  register: EventTypeRegister,
  reader: EventTypeReader,
  wanted?: readonly string[] | null,
): Promise<ReadableEventTypes> {
  // Who names types of the product only costs no look.
  const others = wanted?.filter((type) => eventTypeInfo(type) === undefined)
  const declared = others?.length === 0 ? [] : await register.readable(reader, others)
  return { types: readableTypes(reader.scopes, wanted), declarations: declared.map(({ _id }) => _id) }
}

/** Why a reader cannot have events of a type. */
export interface EventTypeProblem {
  /** The scope that it takes; null where there is no such type for this reader. */
  readonly scope: string | null
  readonly message: string
}

/** What is wrong with the types that a reader names, in their order. */
export async function eventTypeProblems(
  register: EventTypeRegister,
  { scopes, sandbox }: EventTypeReader,
  wanted: readonly string[],
): Promise<readonly EventTypeProblem[]> {
  const others = wanted.filter((type) => eventTypeInfo(type) === undefined)
  const found = others.length === 0 ? [] : await register.named(others)
  const declared = new Map(found.filter(({ live }) => live || sandbox).map((type) => [type.name, type]))
  return wanted.flatMap((type): EventTypeProblem[] => {
    const info = eventTypeInfo(type) ?? declared.get(type)
    if (info === undefined) {
      const message = `There is no event type ${JSON.stringify(type.slice(0, 100))}, or not any more; \`eventTypes\` lists them.`
      return [{ scope: null, message }]
    }
    if (scopes.includes(info.scope)) return []
    return [{ scope: info.scope, message: `Events of type ${type} need the permission ${info.scope}.` }]
  })
}
