import type { Caller } from '../../kit/caller.ts'
import type { ImportColumn } from '../../kit/background.ts'
import { createStateMachine } from '../../kit/state-machine.ts'

export type ImportState = 'RECEIVING' | 'PROCESSING' | 'COMPLETED' | 'FAILED' | 'CANCELLED'
export type ImportFormat = 'CSV' | 'NDJSON'

/** Lines are applied from the first chunk on; `PROCESSING` says that no more will come. */
export const importStates = createStateMachine<ImportState>('import', {
  RECEIVING: ['PROCESSING', 'FAILED', 'CANCELLED'],
  PROCESSING: ['COMPLETED', 'FAILED', 'CANCELLED'],
  COMPLETED: [],
  FAILED: [],
  CANCELLED: [],
})

/** Why a whole import stopped; what was applied before stays. */
export interface ImportFailure {
  readonly code: string
  readonly message: string
}

/** How far the chunks were read: all that the next process needs to go on. */
export interface ImportProgress {
  /** The chunk to read next. */
  readonly nextChunk: number
  /** How many records of that chunk are done. */
  readonly doneInChunk: number
  /** The begun record with which the chunk before ended. */
  readonly carry: string
  /** The names of a CSV's columns, once they were read. */
  readonly header: readonly string[] | null
  readonly linesRead: number
  readonly linesApplied: number
  readonly linesRefused: number
}

export interface ImportJob extends ImportProgress {
  readonly _id: string
  readonly organizationId: string
  /** In whose name lines are applied. */
  readonly caller: Caller
  readonly kind: string
  readonly format: ImportFormat
  readonly delimiter: string
  /** The sender's name for what it sends: sending it again goes on with this job. */
  readonly externalId: string
  /** While true, no other job of the organization and kind can have the same external id. */
  readonly current: boolean
  readonly state: ImportState
  readonly failure: ImportFailure | null
  readonly receivedChunks: number
  readonly receivedBytes: number
  /** Failures to apply a batch in a row, after which the job waits until `retryAt`. */
  readonly attempts: number
  readonly retryAt: Date
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly finishedAt: Date | null
}

/** A piece of the file as it was sent; cut anywhere, also within a record. */
export interface ImportChunk {
  readonly _id: string
  readonly jobId: string
  readonly sequence: number
  readonly data: string
}

/** A line that was not applied. */
export interface RefusedLine {
  readonly _id: string
  readonly jobId: string
  readonly line: number
  readonly column: string | null
  readonly code: string
  readonly message: string
  readonly createdAt: Date
}

/** A kind of lines, as the processes that can apply it have announced it. */
export interface ImportKind {
  readonly _id: string
  readonly description: string
  readonly scope: string
  readonly columns: readonly ImportColumn[]
}
