const everyMs = 5_000

/** A line on standard error that tells how far long work is: in place on a terminal, else a new one every 5 seconds. */
export function createProgressLine(stream: NodeJS.WriteStream): { tell(text: string): void; end(): void } {
  let last = 0
  let open = false
  return {
    tell(text) {
      if (stream.isTTY) {
        stream.write(`\r\u001B[2K${text}`)
        open = true
      } else if (performance.now() - last >= everyMs) {
        last = performance.now()
        stream.write(`${text}\n`)
      }
    },
    end() {
      if (open) stream.write('\n')
      open = false
    },
  }
}
