import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-completion-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

async function scriptOf(shell: Shell): Promise<string> {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'cli/tributary-main.ts', 'completion', shell])
  return stdout
}

/** What completes the last of these words. */
const asks: Readonly<Record<Shell, (file: string, words: readonly string[]) => readonly string[]>> = {
  bash: (file, words) => [
    '--norc',
    '-c',
    `source ${file}; COMP_WORDS=(${words.map((word) => `"${word}"`).join(' ')}); COMP_CWORD=${words.length - 1}
     _tributary; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  // compadd works in the line editor alone; here it keeps what begins like the last word, as that does.
  zsh: (file, words) => [
    '-f',
    '-c',
    `compdef() { :; }; compadd() { shift; print -l -- \${(M)@:#$words[CURRENT]*}; }; source ${file}
     words=(${words.map((word) => `"${word}"`).join(' ')}); CURRENT=${words.length}; _tributary; print`,
  ],
  fish: (file, words) => ['--no-config', '-c', `source ${file}; complete -C '${words.join(' ')}'`],
}

const installed = async (shell: Shell): Promise<boolean> =>
  run(shell, ['--version']).then(
    () => true,
    () => false,
  )

const present = new Map(await Promise.all(shells.map(async (shell) => [shell, await installed(shell)] as const)))
for (const shell of shells) {
  if (!present.get(shell))
    process.stdout.write(`test/cli/completion: ${shell} is not installed, its script is only read\n`)
}

describe.each(shells)('completion in %s', (shell) => {
  let script: string
  beforeAll(async () => {
    script = await scriptOf(shell)
  })

  it('names each command with its parts and options', () => {
    for (const path of ['events tail', 'schema publish', 'webhook listen'])
      expect(script).toMatch(new RegExp(`["']${path}["']`))
    expect(script).toMatch(/--after --types --once --every/)
  })

  it.runIf(present.get(shell))('offers commands, then their parts, then options, behind arguments too', async () => {
    const file = join(folder, shell)
    await writeFile(file, script)
    const ask = async (...words: string[]): Promise<string> => {
      const { stdout } = await run(shell, asks[shell](file, words), { timeout: 15_000 })
      return stdout
    }
    expect(await ask('tributary', 'ev')).toMatch(/\bevents\b/)
    const parts = await ask('tributary', 'app', '')
    expect(parts).toMatch(/create[^]*list[^]*revoke|list[^]*create[^]*revoke/)
    expect(parts).not.toMatch(/\bpublish\b/)
    // The same name below two commands.
    expect(await ask('tributary', 'app', 'list', '--a')).toMatch(/--all/)
    expect(await ask('tributary', 'key', 'list', 'app_x', '--')).toMatch(/--config/)
  })
})
