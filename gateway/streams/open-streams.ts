import { CodedError } from '../../kit/errors.ts'

/** Live subscriptions that one app may have on one gateway. */
const streamsPerApp = 200

/** Counts the open streams of each app, so that one app cannot take the gateway's memory and every event's work. */
export function createOpenStreams(): { open(appId: string): { readonly close: () => void } } {
  const counts = new Map<string, number>()
  return {
    /** Throws THROTTLED when the app has too many streams open. */
    open(appId) {
      const count = counts.get(appId) ?? 0
      if (count >= streamsPerApp) {
        throw new CodedError(
          'THROTTLED',
          `The app has ${streamsPerApp} streams open; close some, or select more in one.`,
          {
            openStreams: count,
          },
        )
      }
      counts.set(appId, count + 1)
      let closed = false
      return {
        close() {
          if (closed) return
          closed = true
          const left = (counts.get(appId) ?? 1) - 1
          if (left === 0) counts.delete(appId)
          else counts.set(appId, left)
        },
      }
    },
  }
}
