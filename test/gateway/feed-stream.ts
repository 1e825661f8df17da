import { CodedError, isCodedError } from '../../kit/errors.ts'
import { SlowReaderError } from '../../kit/events.ts'
import type { OpenStream, PrintedAnswer } from '../../gateway/streams/stream-reader.ts'

/** A feed as a stream, which fronts can be given in place of one of the hub. */
export function createFeedStream(feed: AsyncIterableIterator<PrintedAnswer, undefined>): OpenStream {
  return {
    read(sink) {
      let drained: (() => void) | undefined
      let over = false
      const pump = async (): Promise<void> => {
        try {
          for await (const { body } of feed) {
            if (!sink.send({ body, cursor: null })) await new Promise<void>((resolve) => (drained = resolve))
          }
          if (!over) sink.end(null)
        } catch (error) {
          if (!over) sink.end(codedFailure(error))
        }
      }
      void pump()
      return {
        drained: () => drained?.(),
        close() {
          over = true
          drained?.()
          void feed.return?.()
        },
      }
    },
    close: () => void feed.return?.(),
  }
}

/** A feed that breaks ends with a coded error: the client is told that events are missing, and not why inside. */
function codedFailure(error: unknown): CodedError {
  if (isCodedError(error)) return error
  const coded =
    error instanceof SlowReaderError
      ? new CodedError('READER_TOO_SLOW', 'The stream was closed because events were not read fast enough.')
      : new CodedError('INTERNAL', 'The stream was interrupted; subscribe again.')
  coded.cause = error
  return coded
}
