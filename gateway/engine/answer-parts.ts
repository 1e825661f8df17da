import type { CodedError } from '../../kit/errors.ts'
import type { Variables } from '../request.ts'
import { type Deferral, projectCarefully } from './careful-projection.ts'
import { type DataObject, type ResponsePath, isObject } from './data.ts'
import { explainsNull } from './null-explained.ts'
import type { PlanRun } from './plan-run.ts'
import type { Selection } from './selected-fields.ts'

export interface AnswerPartsOptions {
  readonly selection: Selection
  /** The client's labels by ours. */
  readonly labels: ReadonlyMap<string, string | undefined>
  /** Labels whose data is told of when it is there; what else is deferred follows the part that it stands in. */
  readonly awaited: ReadonlySet<string>
  readonly variables: Variables
  /** What was denied, and whether that is told with what is answered at once. */
  readonly denials: readonly { readonly error: CodedError; readonly first: boolean }[]
}

/**
 * Puts together the parts of an answer: each deferred fragment at each of its places, as soon as its data is there and
 * what it stands in was told.
 */
export class AnswerParts {
  /** All errors that were told. */
  readonly errors: CodedError[] = []
  /** What was answered at once, as JSON. */
  dataText = 'null'
  readonly #options: AnswerPartsOptions
  /** Fragments whose places are told, in their order. */
  readonly #places = new Map<string, Deferral[]>()
  /** Errors of the fetches of parts whose data is there. */
  readonly #fetched = new Map<string, readonly CodedError[]>()
  readonly #untold: Set<CodedError>

  constructor(options: AnswerPartsOptions) {
    this.#options = options
    this.#untold = new Set(options.denials.flatMap(({ error, first }) => (first ? [] : [error])))
  }

  /** The payloads to be sent now that the data of a part is there: JSON objects but for their last brace. */
  fetched(label: string | null, { data, errors }: PlanRun): string[] {
    if (label !== null) {
      this.#fetched.set(label, errors)
      return this.#later()
    }
    const { selection, variables, denials } = this.#options
    const known = [...denials.flatMap(({ error, first }) => (first ? [error] : [])), ...errors]
    const projected = projectCarefully(selection, data, variables)
    const told = [...known, ...this.#unexplained(projected.errors, known)]
    this.errors.push(...told)
    this.dataText = JSON.stringify(projected.data)
    this.#note(projected.deferrals)
    const first = `{${told.length > 0 ? `"errors":${JSON.stringify(told)},` : ''}"data":${this.dataText}`
    return [first, ...this.#later()]
  }

  /** Everything that is ready, in one payload. */
  #later(): string[] {
    const items: object[] = []
    for (let ready = this.#takeReady(); ready.length > 0; ready = this.#takeReady()) {
      for (const { label, places } of ready) items.push(...this.#itemsOf(label, places))
    }
    return items.length === 0 ? [] : [`{"incremental":${JSON.stringify(items)}`]
  }

  #takeReady(): { readonly label: string; readonly places: readonly Deferral[] }[] {
    const { awaited } = this.#options
    const ready = [...this.#places].filter(([label]) => this.#fetched.has(label) || !awaited.has(label))
    return ready.map(([label, places]) => {
      this.#places.delete(label)
      return { label, places }
    })
  }

  #itemsOf(label: string, places: readonly Deferral[]): object[] {
    const { labels, variables } = this.#options
    const fetchErrors = this.#fetched.get(label) ?? []
    // An error stands with the place that it is about, and with the first where it is about none or all.
    const homes = fetchErrors.map((error) => {
      const at = places.findIndex(({ path }) => isWithin(error.path ?? [], path))
      return { error, at: Math.max(0, at) }
    })
    return places.map(({ path, object, selection }, index) => {
      const { data, errors: missing, deferrals } = projectCarefully(selection, object, variables, path)
      this.#note(deferrals)
      const own = homes.flatMap(({ error, at }) => (at === index ? [error] : []))
      const denied = this.#takeDenials(path, data, missing)
      const errors = [...denied, ...own, ...this.#unexplained(missing, [...this.errors, ...fetchErrors])]
      this.errors.push(...errors)
      const name = labels.get(label)
      return { ...(name === undefined ? {} : { label: name }), path, data, ...(errors.length > 0 ? { errors } : {}) }
    })
  }

  /** The denials that show in a part and were not told before. */
  #takeDenials(path: ResponsePath, data: DataObject | null, missing: readonly CodedError[]): CodedError[] {
    const names = path.filter((step) => typeof step === 'string')
    const denied = [...this.#untold].filter((error) => {
      const at = error.path ?? []
      const isBelow = names.every((name, index) => at[index] === name)
      return (isBelow && shows(data, at.slice(names.length))) || missing.some((other) => explainsNull(error, other))
    })
    for (const error of denied) this.#untold.delete(error)
    return denied
  }

  #unexplained(missing: readonly CodedError[], known: readonly CodedError[]): CodedError[] {
    const all = [...known, ...this.#options.denials.map(({ error }) => error)]
    return missing.filter((error) => !all.some((other) => explainsNull(other, error)))
  }

  #note(deferrals: readonly Deferral[]): void {
    for (const deferral of deferrals) {
      const places = this.#places.get(deferral.label)
      if (places) places.push(deferral)
      else this.#places.set(deferral.label, [deferral])
    }
  }
}

function isWithin(path: ResponsePath, outer: ResponsePath): boolean {
  return outer.length <= path.length && outer.every((step, index) => path[index] === step)
}

/** Whether an answer has the field at a path of names, in any item of the lists on the way. */
function shows(value: unknown, [name, ...rest]: ResponsePath): boolean {
  if (Array.isArray(value)) return value.some((item) => shows(item, name === undefined ? [] : [name, ...rest]))
  if (name === undefined) return true
  return isObject(value) && Object.hasOwn(value, name) && (rest.length === 0 || shows(value[name], rest))
}
