import { spawn } from 'node:child_process'

/** Runs a program to its end in a folder; answers its exit code and all that it has printed. */
export function runProgram(
  program: string,
  args: readonly string[],
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    // npm is a script on Windows, which only a shell can run.
    const shell = process.platform === 'win32'
    const child = spawn(program, [...args], { cwd: folder, signal, shell, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    }
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output: output.trim() }))
  })
}
