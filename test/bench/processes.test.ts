import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { readMemory, readProcesses, roleOf } from '../../bench/measure/processes.ts'

const role = (...args: string[]) => roleOf(['/usr/bin/node', ...args])

describe.runIf(process.platform === 'linux')('the processes of the product', () => {
  it('are a process and all its descendants, with CPU time and memory of their own', async () => {
    const busy =
      'const end = Date.now() + 200; while (Date.now() < end); console.log("done"); setInterval(() => {}, 1e6)'
    const nested = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(busy)}], { stdio: "inherit" })`
    const child = spawn(process.execPath, ['-e', nested], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
    try {
      await once(child.stdout, 'data')
      const pid = child.pid as number
      const processes = readProcesses(pid)
      expect(processes).toHaveLength(2)
      expect(processes[0]?.pid).toBe(pid)
      expect(processes[1]?.cpuMs).toBeGreaterThan(0)
      const memory = readMemory(pid)
      expect(memory).toHaveLength(2)
      for (const { rssMb, pssMb } of memory) {
        expect(pssMb).toBeGreaterThan(1)
        expect(rssMb).toBeGreaterThanOrEqual(pssMb)
      }
    } finally {
      process.kill(-(child.pid as number), 'SIGKILL')
    }
  })

  it('are named by what they run', () => {
    expect(role('scripts/start.mjs')).toBe('gateway')
    expect(role('/x/dist/gateway/main.js')).toBe('gateway')
    expect(role('/x/dist/storage/embedded/main.js', '--data', '/d')).toBe('database')
    expect(role('/x/dist/subgraphs/main.js', 'deals')).toBe('deals')
    expect(role('scripts/start-split.mjs')).toBe('supervisor')
    expect(role('--import=x.mjs', '/x/dist/subgraphs/seed.js')).toBe('seed.js')
  })
})
