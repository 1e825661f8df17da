// Loaded into every process of the product by NODE_OPTIONS=--import, because Node 20 takes no --cpu-prof there.
// Writes V8's CPU profile of the process's whole life, with its command line, into the folder of the query string.
import { mkdirSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

const folder = new URL(import.meta.url).searchParams.get('folder')
const samplingMicroseconds = 500

if (folder !== null && isMainThread) {
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.setSamplingInterval', { interval: samplingMicroseconds })
  session.post('Profiler.start')
  process.once('exit', () => {
    // Answers at once, although by callback.
    session.post('Profiler.stop', (error, result) => {
      if (error) throw error
      mkdirSync(folder, { recursive: true })
      const profile = { ...result.profile, args: process.argv }
      writeFileSync(join(folder, `${process.pid}.cpuprofile`), JSON.stringify(profile))
    })
  })
}
