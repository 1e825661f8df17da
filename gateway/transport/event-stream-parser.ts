/** One event of an event stream: its name (`message` when unnamed) and its data lines joined. */
export interface StreamEvent {
  readonly event: string
  readonly data: string
}

/**
 * Cuts text chunks into the events of a `text/event-stream` (HTML Standard, 9.2.6), comments dropped.
 * `limit` is the most characters that one event may have; more throws, so that a bad peer cannot fill memory.
 */
export function createEventStreamParser(limit: number): (chunk: string) => StreamEvent[] {
  let buffer = ''
  return (chunk) => {
    buffer += chunk
    const events: StreamEvent[] = []
    for (;;) {
      const end = /\r?\n\r?\n/.exec(buffer)
      if (end === null) break
      const event = parseEvent(buffer.slice(0, end.index))
      buffer = buffer.slice(end.index + end[0].length)
      if (event) events.push(event)
    }
    if (buffer.length > limit) throw new Error(`an event is longer than ${limit} characters`)
    return events
  }
}

function parseEvent(block: string): StreamEvent | null {
  let event = 'message'
  const data: string[] = []
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith('event:')) event = line.slice(6).trim()
    if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''))
  }
  return data.length === 0 && event === 'message' ? null : { event, data: data.join('\n') }
}
