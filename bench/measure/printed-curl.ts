/** A request that a start prints for people to paste. */
export interface PrintedCurl {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Reads the first curl command among the lines that a start printed. */
export function parsePrintedCurl(lines: readonly string[]): PrintedCurl {
  const command = lines.find((line) => line.trim().startsWith('curl '))
  const url = /\shttps?:\/\/\S+/.exec(command ?? '')?.[0]?.trim()
  const body = / -d '(.*)'$/.exec(command ?? '')?.[1]
  if (command === undefined || url === undefined || body === undefined) {
    throw new Error(`the start printed no command to paste:\n${lines.join('\n')}`)
  }
  const headers = [...command.matchAll(/ -H '([^:']+): ([^']*)'/g)].map(([, name, value]) => [name, value])
  return { url, headers: Object.fromEntries(headers) as Record<string, string>, body }
}
