import { type Bench, UsageError } from './bench.ts'
import { benches } from './benches.ts'
import { watchMachine } from './measure/machine.ts'

const optionHelp = ({ name, summary, options }: Bench): string => {
  const rows = Object.entries(options).map(([option, { doc, default: standard }]) => {
    const shown = typeof standard === 'boolean' ? `--${option}` : `--${option} N`
    return `      ${shown.padEnd(18)} ${doc}${typeof standard === 'boolean' ? '' : ` (${standard})`}`
  })
  return [`  ${name.padEnd(10)} ${summary}`, ...rows].join('\n')
}

const help = `Measures the built product. The last line of standard output is the result as JSON.

  npm run bench -- <name> [options]

${benches.map(optionHelp).join('\n\n')}

bench/README.md tells how to read the results.
`

/** More than this many cores' worth of work by others makes times, and less so CPU figures, untrustworthy. */
const disturbingCores = 0.1

const print = (line: string): void => void process.stdout.write(`${line}\n`)

async function main([name, ...args]: readonly string[]): Promise<void> {
  if (name === undefined || name === '--help' || name === '-h' || args.includes('--help')) {
    process.stdout.write(help)
    return
  }
  const bench = benches.find((candidate) => candidate.name === name)
  if (bench === undefined) throw new UsageError(`There is no bench ${name}.`)

  const watch = watchMachine()
  const { machine } = watch
  print(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB; ${machine.system}; Node ${machine.node}`)
  print(`load at the begin: ${machine.load.map((load) => load.toFixed(2)).join(' ')}\n`)
  const results = await bench.run(args, print)
  const { load, othersCores } = watch.end()
  print(`\nload at the end: ${load.map((value) => value.toFixed(2)).join(' ')}`)
  if (othersCores > disturbingCores) {
    print(
      `WARNING: other programs used ${othersCores.toFixed(2)} of ${machine.cores} cores meanwhile; repeat when quiet.`,
    )
  }
  print(JSON.stringify({ bench: name, machine, loadAtEnd: load, othersCores, results }))
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n\n${help}`)
  process.exitCode = 1
}
