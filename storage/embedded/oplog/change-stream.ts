import { setImmediate } from 'node:timers/promises'
import type { Page, PageSource } from '../engine/cursors.ts'
import type { Engine } from '../engine/engine.ts'
import { CommandError } from '../errors.ts'
import { readDoc, writeDoc, type Doc } from '../query/bson.ts'
import type { LoggedChange } from './change.ts'
import { describeEvent, describeInvalidation, endsStream, isWatched, type Watched } from './change-event.ts'
import { peekChange } from './peek-change.ts'
import { encodeToken, keyBehind, lastIndex, logKey, trimmedTime, type LogPosition } from './log-position.ts'

export type ChangeStreamOptions = {
  watched: Watched
  start: LogPosition
  /** Looks an updated document up for `fullDocument: 'updateLookup'`. */
  lookup: ((change: LoggedChange) => Promise<Doc | null>) | undefined
  /** The stages that the client has added. */
  transform: (events: readonly Doc[]) => AsyncIterable<Doc>
}

/** How many entries of the log are looked at in one turn, and how long a getMore waits when it does not say. */
const entriesPerTurn = 500
const defaultWaitMs = 1000
const pageBytes = 16 * 1024 * 1024

/** Pages through the durable part of the oplog and waits at its end. */
export class ChangeStream implements PageSource {
  private readonly engine: Engine
  private readonly options: ChangeStreamOptions
  private position: LogPosition
  /** Events that did not fit into the page before. */
  private ready: { bytes: Uint8Array; position: LogPosition }[] = []
  private ended = false
  private first = true

  constructor(engine: Engine, options: ChangeStreamOptions) {
    this.engine = engine
    this.options = options
    this.position = options.start
    if (options.start.time < trimmedTime(engine.environment)) throw historyLost()
  }

  async next({ batchSize, maxTimeMs, signal }: Parameters<PageSource['next']>[0]): Promise<Page> {
    // The command that opens the stream answers at once.
    const deadline = performance.now() + (this.first ? 0 : maxTimeMs || defaultWaitMs)
    this.first = false
    const docs: Uint8Array[] = []
    let bytes = 0
    let told = this.position
    for (;;) {
      let event = this.ready[0]
      while (
        event !== undefined &&
        docs.length < batchSize &&
        (docs.length === 0 || bytes + event.bytes.length <= pageBytes)
      ) {
        docs.push(event.bytes)
        bytes += event.bytes.length
        told = event.position
        this.ready.shift()
        event = this.ready[0]
      }
      if (event !== undefined || this.ended || batchSize === 0) break
      // Also what was looked at and is no event of this stream need not be looked at again.
      told = this.position
      if (await this.readTurn()) continue
      if (docs.length > 0 || signal?.aborted === true || performance.now() >= deadline) break
      await this.more(deadline, signal)
    }
    return { docs, done: this.ended && this.ready.length === 0, extra: { postBatchResumeToken: encodeToken(told) } }
  }

  close(): void {
    this.ended = true
    this.ready = []
  }

  /** Whether there may be more right away. */
  private async readTurn(): Promise<boolean> {
    const { watched, transform, lookup } = this.options
    const durable = this.engine.writer.durable
    if (this.position.time >= durable && this.position.index === lastIndex) return false
    if (this.position.time < trimmedTime(this.engine.environment)) throw historyLost()
    const events: Doc[] = []
    const places = new Map<string, LogPosition>()
    let looked = 0
    let last = this.position
    const found: { change: LoggedChange; position: LogPosition }[] = []
    for (const { key, value } of this.engine.environment.range({
      from: keyBehind(this.position),
      to: logKey(durable + 1n, 0),
    })) {
      last = { time: key.readBigUInt64BE(4), index: key.readUInt32BE(12), invalidated: false }
      const change = readWatched(value, watched)
      if (change !== undefined) {
        found.push({ change, position: last })
        if (endsStream(change, watched)) {
          this.ended = true
          break
        }
      }
      if (++looked === entriesPerTurn) break
    }
    for (const { change, position } of found) {
      const full = change.kind === 'update' ? await lookup?.(change) : undefined
      add(describeEvent(full === undefined ? change : { ...change, fullDocument: full as Doc }, position), position)
      if (endsStream(change, watched)) {
        const behind = { ...position, invalidated: true }
        add(describeInvalidation(change, behind), behind)
      }
    }
    for await (const event of transform(events)) this.ready.push(this.finished(event, places))
    const atEnd = looked < entriesPerTurn && !this.ended
    this.position = atEnd ? { time: durable, index: lastIndex, invalidated: false } : last
    if (!atEnd) await setImmediate()
    return events.length > 0 || !atEnd

    function add(event: Doc, position: LogPosition): void {
      events.push(event)
      places.set(String((event['_id'] as Doc)['_data']), position)
    }
  }

  private finished(event: Doc, places: ReadonlyMap<string, LogPosition>): { bytes: Uint8Array; position: LogPosition } {
    const token = event['_id'] as Doc | undefined
    const position = places.get(String(token?.['_data']))
    if (position !== undefined) return { bytes: writeDoc(event), position }
    throw new CommandError(
      'ChangeStreamFatalError',
      'a change stream must keep the _id of its events, the resume token',
      {
        errorLabels: ['NonResumableChangeStreamError'],
      },
    )
  }

  private async more(deadline: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        stopListening()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, Math.max(1, deadline - performance.now()))
      const stopListening = this.engine.writer.onDurable(done)
      signal?.addEventListener('abort', done)
    })
  }
}

function historyLost(): CommandError {
  return new CommandError(
    'ChangeStreamHistoryLost',
    'Resume of change stream was not possible, as the resume point may no longer be in the oplog.',
    {
      errorLabels: ['NonResumableChangeStreamError'],
    },
  )
}

/** The change of an entry of the log; undefined when it is no event of the stream. */
function readWatched(entry: Buffer, watched: Watched): LoggedChange | undefined {
  const head = peekChange(entry)
  if (head !== undefined && !isWatched(head, watched)) return undefined
  const change = readDoc(entry) as unknown as LoggedChange
  return isWatched(change, watched) ? change : undefined
}
