import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Random } from '../storage/crash/random.ts'
import { startReceiver } from './receiver.ts'
import { verify } from './verify.ts'
import { startWebhookWorld } from './webhook-world.ts'

export interface FaultyReport {
  readonly distinct: number
  /** Messages that came again although they had been taken. */
  readonly duplicates: number
  readonly attempts: number
  readonly wronglySigned: number
  readonly seconds: number
  readonly outOfOrder: number
}

const types = ['deal.won', 'deal.lost', 'deal.extended', 'deal.expired'] as const
const subjects = 40
const batch = 500

/**
 * Delivers events with three worker processes to a receiver that fails three times of ten and is silent once of ten;
 * each worker is killed once, and another one takes its place.
 */
export async function deliverWithFaults({
  events,
  seed,
}: {
  readonly events: number
  readonly seed: number
}): Promise<FaultyReport> {
  const random = new Random(seed)
  await using world = await startWebhookWorld()
  await using receiver = await startReceiver()
  const secrets = new Map<string, string>()
  for (const [place, type] of types.entries()) {
    const order = place % 2 === 0 ? 'SUBJECT' : 'ENDPOINT'
    const { secret } = await world.createEndpoint({ url: `${receiver.url}/${order}/${type}`, types: [type], order })
    secrets.set(`/${order}/${type}`, secret)
  }
  const taken = new Map<string, number>()
  const lastTaken = new Map<string, number>()
  let [wronglySigned, duplicates, outOfOrder] = [0, 0, 0]
  receiver.answer = (message) => {
    const chance = random.next()
    if (chance < 0.3) return 500
    if (chance < 0.4) return 'silence'
    const { id, type, data, number } = read(message)
    if (id === undefined) return 500
    const times = (taken.get(id) ?? 0) + 1
    taken.set(id, times)
    if (times > 1) duplicates += 1
    else {
      const lane = message.path.startsWith('/ENDPOINT') ? type : `${type}/${String(data?.['subject'])}`
      if (number < (lastTaken.get(lane) ?? -1)) outOfOrder += 1
      lastTaken.set(lane, number)
    }
    return 204
  }
  function read(message: Parameters<typeof receiver.answer>[0]) {
    try {
      const { id, type, data } = verify(message, secrets.get(message.path) ?? '')
      return { id, type, data, number: Number(data['number']) }
    } catch {
      wronglySigned += 1
      return { id: undefined, number: Number.NaN }
    }
  }

  const begun = performance.now()
  const workers = await Promise.all(Array.from({ length: 3 }, () => startProcess(world.uri)))
  let appended = 0
  const appending = (async () => {
    while (appended < events) {
      const size = Math.min(batch, events - appended)
      const first = appended
      await world.append(
        ...Array.from({ length: size }, (_, place) => {
          const number = first + place
          const subject = `deal_${random.below(subjects)}`
          return { type: types[number % types.length] ?? '', subject, data: { number, subject } }
        }),
      )
      appended += size
    }
  })()
  for (const [place, worker] of workers.entries()) {
    await until(() => taken.size >= (events * (place + 1)) / 4)
    worker.kill('SIGKILL')
    workers[place] = await startProcess(world.uri)
  }
  await appending
  await until(() => taken.size >= events)
  const seconds = (performance.now() - begun) / 1_000
  await Promise.all(
    workers.map(async (worker) => {
      worker.kill('SIGKILL')
      if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit')
    }),
  )
  return {
    distinct: taken.size,
    duplicates,
    attempts: receiver.received.length,
    wronglySigned,
    seconds,
    outOfOrder,
  }
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
}

async function startProcess(uri: string): Promise<ChildProcess> {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const program = fileURLToPath(new URL('./worker-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', tsx, program, uri], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  return child
}
