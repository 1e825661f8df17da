import { open } from 'node:fs/promises'
import { UsageError } from '../usage-error.ts'

/** Where an export is written to. Resolves once the text has been handed over, so that what follows may rely on it. */
export interface ExportTarget extends AsyncDisposable {
  readonly isEmpty: boolean
  write(text: string): Promise<void>
}

/** A file, to whose end an export that goes on is added, or standard output where none is named. */
export async function openTarget(path: string | undefined, goesOn: boolean): Promise<ExportTarget> {
  if (path === undefined) return standardOutput(goesOn)
  const file = await open(path, goesOn ? 'a' : 'w').catch((error: unknown) => {
    throw new UsageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  })
  return {
    isEmpty: (await file.stat()).size === 0,
    write: (text) => file.appendFile(text),
    [Symbol.asyncDispose]: () => file.close(),
  }
}

function standardOutput(goesOn: boolean): ExportTarget {
  const { stdout } = process
  stdout.on('error', toldToItsWrite)
  return {
    isEmpty: !goesOn,
    write: (text) =>
      new Promise((resolve, reject) => {
        stdout.write(text, (error) => (error ? reject(error) : resolve()))
      }),
    [Symbol.asyncDispose]() {
      stdout.off('error', toldToItsWrite)
      return Promise.resolve()
    },
  }
}

function toldToItsWrite(): void {
  // Without a listener an error would end the process before the write that met it is answered.
}
