import { parseArgs } from 'node:util'

interface OptionDefinition {
  readonly doc: string
  readonly default: number | boolean
}

type Definitions = Readonly<Record<string, OptionDefinition>>
type Values<Options extends Definitions> = {
  readonly [Name in keyof Options]: Options[Name]['default'] extends boolean ? boolean : number
}

/** One bench as the command line sees it, whatever its options are. */
export interface Bench {
  readonly name: string
  readonly summary: string
  readonly options: Definitions
  /** Measures, tells of it with `print` as it goes, and answers what the closing line of JSON is to hold. */
  readonly run: (args: readonly string[], print: Print) => Promise<object>
}

export type Print = (line: string) => void

/** A command line that cannot be understood; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Puts a bench together; its options are numbers of zero or more, and flags. */
export function defineBench<const Options extends Definitions>(definition: {
  readonly name: string
  readonly summary: string
  readonly options: Options
  readonly run: (values: Values<Options>, print: Print) => Promise<object>
}): Bench {
  return {
    ...definition,
    run: (args, print) => definition.run(readOptions(definition.options, args) as Values<Options>, print),
  }
}

function readOptions(definitions: Definitions, args: readonly string[]): Record<string, number | boolean> {
  const given = parse(definitions, args)
  return Object.fromEntries(
    Object.entries(definitions).map(([name, { default: standard }]) => {
      const value = given[name]
      if (value === undefined || typeof value === 'boolean') return [name, value ?? standard]
      const number = Number(value)
      if (value === '' || !(number >= 0)) throw new UsageError(`--${name} must be a number, not ${value}.`)
      return [name, number]
    }),
  )
}

function parse(definitions: Definitions, args: readonly string[]): Record<string, string | boolean | undefined> {
  const options = Object.fromEntries(
    Object.entries(definitions).map(([name, { default: standard }]) => [
      name,
      { type: typeof standard === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
