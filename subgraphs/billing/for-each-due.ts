/**
 * Handles what is due, each in a transaction of its own and `atOnce` of them at a time, and answers how much that was.
 * What fails holds up nothing behind it: it is told at the end, so that the timer is logged as failed and runs again.
 */
export async function forEachDue<Due>(
  due: readonly Due[],
  atOnce: number,
  handle: (one: Due) => Promise<void>,
): Promise<number> {
  const failures: unknown[] = []
  for (let begun = 0; begun < due.length; begun += atOnce) {
    const ended = await Promise.allSettled(due.slice(begun, begun + atOnce).map(handle))
    for (const outcome of ended) if (outcome.status === 'rejected') failures.push(outcome.reason)
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} of ${due.length} could not be handled`)
  return due.length
}
