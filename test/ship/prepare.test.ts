import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeVersionProblem } from '../../scripts/prepare/node-version.mjs'
import { closingLine } from '../../scripts/test/closing-line.mjs'
import { root } from './compose-file.ts'
import { runNode } from './run-node.ts'

describe('the version of Node', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '22.23.3', '24.0.0', '26.10.0'])('%s will do', (version) => {
    expect(nodeVersionProblem(version)).toBeUndefined()
  })

  it.each(['14.21.3', '18.20.4', '20.18.3', '21.7.3', '22.11.0'])('%s is refused by name, with the fix', (version) => {
    expect(nodeVersionProblem(version)).toMatch(
      new RegExp(`needs Node.js 20.19 or newer.*this is Node.js ${version}.*nvm`, 's'),
    )
  })

  it('is checked before anything is installed, built or loaded', async () => {
    const pretend = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } })`
    const { code, stderr, stdout } = await runNode(['--import', pretend, 'scripts/start.mjs'])
    expect(stderr).toContain('this is Node.js 18.20.4')
    expect(stderr).not.toContain('Installing')
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })
})

describe('building', () => {
  let copy: string
  const build = () => runNode(['scripts/build.mjs'], {}, copy)

  // A small product of the same form: the scripts are the real ones, and so are the compiler and the installed packages.
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'tributary-build-'))
    const from = fileURLToPath(root)
    for (const path of ['scripts', 'tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json']) {
      cpSync(join(from, path), join(copy, path), { recursive: true })
    }
    symlinkSync(join(from, 'node_modules'), join(copy, 'node_modules'), 'junction')
    mkdirSync(join(copy, 'gateway'))
    mkdirSync(join(copy, 'portal'))
    mkdirSync(join(copy, 'cli/subgraph/template'), { recursive: true })
    write('gateway/main.ts', "process.stdout.write('first\\n')\n")
    write('gateway/schema.graphql', 'type Query { a: Int }\n')
    write('portal/index.html', '<!doctype html><title>portal</title>\n')
    write(
      'portal/vite.config.ts',
      "export default { root: import.meta.dirname, build: { outDir: '../dist/portal', emptyOutDir: true } }\n",
    )
  })
  afterAll(() => rmSync(copy, { recursive: true, force: true }))
  const write = (file: string, text: string) => writeFileSync(join(copy, file), text)

  it('builds server and portal, and the SDL beside the code that reads it', async () => {
    const { code, stderr } = await build()
    expect(stderr).toMatch(/Building the server and the portal: done in [\d.]+ s/)
    expect(code).toBe(0)
    expect((await runNode(['scripts/start.mjs'], {}, copy)).stdout).toBe('first\n')
    expect(
      (await runNode(['-p', "require('fs').readFileSync('dist/gateway/schema.graphql', 'utf8')"], {}, copy)).stdout,
    ).toContain('type Query')
  })

  it('builds nothing when nothing has changed', async () => {
    expect(await build()).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('builds only what has changed, and drops what is gone', async () => {
    write('gateway/main.ts', "process.stdout.write('second\\n')\n")
    rmSync(join(copy, 'gateway/schema.graphql'))
    const { stdout, stderr } = await runNode(['scripts/start.mjs'], {}, copy)
    expect(stderr).toMatch(/Building the server: done/)
    expect(stdout).toBe('second\n')
    expect((await runNode(['-p', "require('fs').existsSync('dist/gateway/schema.graphql')"], {}, copy)).stdout).toBe(
      'false\n',
    )
  })

  it('takes over a lock that a killed process has left', async () => {
    write('gateway/main.ts', "process.stdout.write('third\\n')\n")
    // A process id that no system gives out.
    write('.cache/prepare.lock', '4194305')
    expect((await build()).code).toBe(0)
  })

  it('shows the compiler in its own words when it fails, and builds again next time', async () => {
    write('gateway/main.ts', 'const text: string = 1\nprocess.stdout.write(text)\n')
    const { code, stderr } = await build()
    expect(stderr).toContain("gateway/main.ts(1,7): error TS2322: Type 'number' is not assignable to type 'string'.")
    expect(code).toBe(1)
    expect((await build()).code).toBe(1)
  })
})

describe('the closing line of a test run', () => {
  const passed = { status: 'passed', assertionResults: [{}] }

  it('has the numbers of the report', () => {
    expect(closingLine({ numPassedTests: 12, numFailedTests: 0, testResults: [passed] }, 0)).toBe('12 passed, 0 failed')
  })

  it('counts a file that could not be loaded', () => {
    const unloaded = { status: 'failed', assertionResults: [] }
    expect(closingLine({ numPassedTests: 3, numFailedTests: 1, testResults: [passed, unloaded] }, 1)).toBe(
      '3 passed, 2 failed',
    )
  })

  it('is never green below a red run', () => {
    expect(closingLine({ numPassedTests: 3, numFailedTests: 0, testResults: [passed] }, 1)).toBe('3 passed, 1 failed')
    expect(closingLine(undefined, 1)).toBe('0 passed, 1 failed')
  })
})
