import { expect, it } from 'vitest'
import { startRun } from '../../gateway/pipeline/run-operation.ts'
import { deadlinePassed } from '../../kit/with-deadline.ts'
import { testCaller } from './mini-graph.ts'

/** The levels at which failures of a run are logged. */
function logOf(signal: AbortSignal): string[] {
  const levels: string[] = []
  const log = { warn: () => levels.push('warn'), debug: () => levels.push('debug') }
  const request = { identity: { caller: testCaller() }, variables: {}, requestId: 'request-1', signal }
  startRun(request, { transports: new Map(), log }).onFailure(new Error('cut off'), 'catalog')
  return levels
}

it('warns of a fetch that failed, or was not done in time', () => {
  expect(logOf(new AbortController().signal)).toEqual(['warn'])
  expect(logOf(AbortSignal.abort(deadlinePassed()))).toEqual(['warn'])
})

it('does not warn of fetches that a client has left', () => {
  expect(logOf(AbortSignal.abort())).toEqual(['debug'])
})
