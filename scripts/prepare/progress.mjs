/**
 * Runs a step and tells of it on standard error: one line that counts the seconds in a terminal, else a line when it
 * begins and one when it is done. Standard output stays the product's own.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const begun = Date.now()
  const seconds = () => ((Date.now() - begun) / 1000).toFixed(1)
  const { isTTY } = process.stderr
  const draw = () => process.stderr.write(`\r${title} … ${seconds()} s`)
  process.stderr.write(isTTY ? `${title} …` : `${title} …\n`)
  const timer = isTTY ? setInterval(draw, 200) : undefined
  try {
    const result = await work()
    process.stderr.write(`${isTTY ? '\r' : ''}${title}: done in ${seconds()} s\n`)
    return result
  } catch (error) {
    if (isTTY) process.stderr.write('\n')
    throw error
  } finally {
    clearInterval(timer)
  }
}
