import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { summarizeProfile } from '../../bench/measure/cpu-profile.ts'
import { printProfiles, profileClock, profilingOptions } from '../../bench/measure/profiles.ts'

const frame = (functionName: string, url = '', lineNumber = 0) => ({
  callFrame: { functionName, url, lineNumber, columnNumber: 0, scriptId: '1' },
})

it('sums self time by function and package within the window, idle time left out', () => {
  const profile = {
    startTime: 1_000_000,
    endTime: 1_005_000,
    nodes: [
      { id: 1, ...frame('(idle)') },
      { id: 2, ...frame('find', 'file:///x/node_modules/@scope/package/lib/find.js', 9) },
      { id: 3, ...frame('', 'file:///x/node_modules/@scope/package/lib/other.js', 4) },
      { id: 4, ...frame('writeBuffer') },
    ],
    samples: [2, 2, 1, 3, 4],
    timeDeltas: [0, 1_000, 1_000, 1_000, 1_000],
  }
  const summary = summarizeProfile(profile, { fromMs: 1_001, toMs: 1_005 })
  expect(summary.busyMs).toBe(2)
  expect(summary.functions).toEqual([
    { name: 'find node_modules/@scope/package/lib/find.js:10', ms: 1 },
    { name: '(anonymous) node_modules/@scope/package/lib/other.js:5', ms: 1 },
    { name: 'writeBuffer', ms: 0 },
  ])
  expect(summary.packages).toEqual([
    { name: '@scope/package', ms: 2 },
    { name: '(native)', ms: 0 },
  ])
})

it('profiles a process from its first module to its end, on the clock of this process', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'tributary-profile-')), 'new')
  try {
    const fromMs = profileClock()
    const busy = 'function busy() { const end = Date.now() + 100; while (Date.now() < end); } busy(); process.exit(0)'
    await promisify(execFile)(process.execPath, ['-e', busy], {
      env: { ...process.env, NODE_OPTIONS: profilingOptions(folder) },
    })
    const lines: string[] = []
    printProfiles({ folder, window: { fromMs, toMs: profileClock() }, print: (line) => lines.push(line) })
    expect(lines.join('\n')).toMatch(/^busy .*\d+ {2}\d/m)
    lines.length = 0
    printProfiles({ folder, window: { fromMs: 0, toMs: fromMs }, print: (line) => lines.push(line) })
    expect(lines.join('\n')).toMatch(/^busy 0 ms/m)
  } finally {
    await rm(join(folder, '..'), { recursive: true })
  }
})
