import type { Variables } from '../request.ts'

/** The parts of a fetch's request that are known before it runs. */
export interface FetchText {
  /** The whole request as JSON text, with these representations by variable. */
  body(variables: Variables, representations?: readonly RepresentationText[]): string
  /** The client's variables that the fetch uses; one without a value is left out, so that its default holds. */
  pick(variables: Variables): Record<string, unknown>
}

/** The value of a variable for representations, as JSON text. */
export interface RepresentationText {
  readonly variable: string
  readonly text: string
}

/** Prepares the request of a fetch: its document is written as JSON once. */
export function createFetchText(fetch: {
  readonly document: string
  readonly operationName: string | undefined
  readonly variables: readonly string[]
}): FetchText {
  const name = fetch.operationName === undefined ? '' : `,"operationName":${JSON.stringify(fetch.operationName)}`
  const head = `{"query":${JSON.stringify(fetch.document)}${name}`
  const names = fetch.variables.map((variable) => ({ variable, key: `${JSON.stringify(variable)}:` }))
  const withoutVariables = `${head}}`
  return {
    body(variables, representations = []) {
      let values = ''
      for (const { variable, text } of representations) values += `${values && ','}"${variable}":${text}`
      for (const { variable, key } of names) {
        const value = variable in variables ? JSON.stringify(variables[variable]) : undefined
        if (value !== undefined) values += `${values && ','}${key}${value}`
      }
      return values === '' ? withoutVariables : `${head},"variables":{${values}}}`
    },
    pick(variables) {
      const picked: Record<string, unknown> = {}
      for (const { variable } of names) if (variable in variables) picked[variable] = variables[variable]
      return picked
    },
  }
}
