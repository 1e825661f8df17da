import type { ServerResponse } from 'node:http'
import { Cancellation } from '../../kit/cancellation.ts'

/** Ends when the client of an answer leaves before it has been sent. */
export class Departure extends Cancellation {
  constructor(response: ServerResponse) {
    super()
    response.on('close', () => {
      // Told after every answer; only one that was not sent whole has lost its client.
      if (!response.writableFinished) this.abort()
    })
  }
}
