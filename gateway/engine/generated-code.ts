/** Runs before code is generated: an operation that runs once is not worth it. */
const runsBefore = 2

/**
 * The only place where code is made of text. It is made of response keys and type names alone, which are GraphQL names
 * (documents were validated) and are put in by `literal`; no text of a request gets into it.
 */
export function generateCode(code: string, environment: Readonly<Record<string, unknown>>): unknown {
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function(...Object.keys(environment), code) as (...values: readonly unknown[]) => unknown
  return make(...Object.values(environment))
}

/** The code of a string. */
export function literal(text: string): string {
  return JSON.stringify(text)
}

/** A function that is interpreted at first, and replaced by generated code when it has run a few times. */
export function generatedLater<Args extends readonly unknown[], Result>(
  interpret: (...args: Args) => Result,
  generate: () => (...args: Args) => Result,
): (...args: Args) => Result {
  let runs = 0
  let generated: ((...args: Args) => Result) | undefined
  return (...args) => {
    if (generated === undefined && ++runs > runsBefore) generated = generate()
    return (generated ?? interpret)(...args)
  }
}
