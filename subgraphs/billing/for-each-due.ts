/**
 * Handles what is due one after the other, each in a transaction of its own, and answers how much that was. What fails
 * holds up nothing behind it: it is told at the end, so that the timer is logged as failed and runs again later.
 */
export async function forEachDue<Due>(due: readonly Due[], handle: (one: Due) => Promise<void>): Promise<number> {
  const failures: unknown[] = []
  for (const one of due) {
    try {
      // eslint-disable-next-line no-await-in-loop -- one after the other
      await handle(one)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} of ${due.length} could not be handled`)
  return due.length
}
