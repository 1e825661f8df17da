import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts planner-worker.ts: the built .js beside this one, or the .ts source, which Node before 22.18 runs only with a
 * loader, and takes no loader for a thread by its options.
 */
export function startPlannerWorker(workerData: unknown, { transferList }: Pick<WorkerOptions, 'transferList'>): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  const runsTypeScript = 'typescript' in process.features && process.features.typescript !== false
  const entry = new URL(isSource ? 'planner-worker.ts' : 'planner-worker.js', import.meta.url)
  // Nothing of ours is for it: no secret, and no loader or debugger either.
  const options: WorkerOptions = { workerData, transferList, env: {}, execArgv: [], name: 'planner' }
  if (!isSource || runsTypeScript) return new Worker(entry, options)
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'))
  const loader = new URL('dist/esm/api/index.mjs', tsx)
  return new Worker(
    `import(${JSON.stringify(loader.href)}).then(({ register }) => {
      register()
      return import(${JSON.stringify(entry.href)})
    })`,
    { ...options, eval: true },
  )
}
