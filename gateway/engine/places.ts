import type { GraphQLSchema } from 'graphql'
import { type PlanPath, everyItem } from '../operation/query-plan.ts'
import { type DataObject, type ResponsePath, isObject } from './data.ts'
import { generateCode, generatedLater, literal } from './generated-code.ts'
import { possibleTypes } from './possible-types.ts'

/** Where a fetch takes its entities from and adds to them. */
export interface Places {
  /** Adds the objects there to `found`, in order. One that stands in several places may come several times. */
  find(data: DataObject, found: DataObject[]): void
  /** The same objects with the place of each: worked out only when there is an error to tell of. */
  findWithPaths(data: DataObject): { readonly object: DataObject; readonly path: ResponsePath }[]
}

type Find = Places['find']

type Step = string | ReadonlySet<string>

/** Compiles a plan's path. A list that the path does not mention stands for its items. */
export function createPlaces(schema: GraphQLSchema, path: PlanPath): Places {
  const steps = path.map((step): Step => (typeof step === 'object' ? possibleTypes(schema, step.types) : step))
  return {
    find: generatedLater<Parameters<Find>, void>(
      (data, found) => collect(data, steps, 0, found),
      () => generateFind(steps),
    ),
    findWithPaths(data) {
      const found: { object: DataObject; path: ResponsePath }[] = []
      trace(data, steps, 0, [], (object, at) => found.push({ object, path: at }))
      return found
    },
  }
}

function collect(from: unknown, steps: readonly Step[], begin: number, found: DataObject[]): void {
  let value = from
  for (let at = begin; at < steps.length; at++) {
    const step = steps[at]
    if (step === everyItem) {
      if (!Array.isArray(value)) return
      for (let index = 0; index < value.length; index++) collect(value[index], steps, at + 1, found)
      return
    }
    if (!isObject(value)) {
      if (!Array.isArray(value)) return
      for (let index = 0; index < value.length; index++) collect(value[index], steps, at, found)
      return
    }
    if (typeof step === 'string') value = value[step]
    else if (!isOneOf(value, step)) return
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) collect(value[index], steps, steps.length, found)
  } else if (isObject(value)) found.push(value)
}

/** The loops of `collect` written out; lists where the path does not mention them are left to it. */
function generateFind(steps: readonly Step[]): Find {
  const code = (at: number): string => {
    const [value, next] = [`v${at}`, `v${at + 1}`]
    const step = steps[at]
    const inner = `if(Array.isArray(${value}))collect(${value},steps,${at},found);else if(typeof ${value}==="object"&&${value}!==null)`
    if (step === undefined) return `${inner}found.push(${value});`
    if (step === everyItem) {
      const index = `i${at}`
      return `if(Array.isArray(${value}))for(let ${index}=0;${index}<${value}.length;${index}++){const ${next}=${value}[${index}];${code(at + 1)}}`
    }
    if (typeof step === 'string') return `${inner}{const ${next}=${value}[${literal(step)}];${code(at + 1)}}`
    return `${inner}if(isOneOf(${value},steps[${at}])){const ${next}=${value};${code(at + 1)}}`
  }
  return generateCode(`return function(v0,found){${code(0)}}`, { collect, steps, isOneOf }) as Find
}

/** As `collect`, with paths; the order of what it finds must be the same. */
function trace(
  value: unknown,
  steps: readonly Step[],
  at: number,
  path: ResponsePath,
  found: (object: DataObject, path: ResponsePath) => void,
): void {
  const step = steps[at]
  if (Array.isArray(value)) {
    const next = step === everyItem ? at + 1 : at
    value.forEach((item: unknown, index) => trace(item, steps, next, [...path, index], found))
    return
  }
  if (!isObject(value) || step === everyItem) return
  if (step === undefined) found(value, path)
  else if (typeof step === 'string') trace(value[step], steps, at + 1, [...path, step], found)
  else if (isOneOf(value, step)) trace(value, steps, at + 1, path, found)
}

function isOneOf(value: DataObject, types: ReadonlySet<string> | undefined): boolean {
  const name = value['__typename']
  return types !== undefined && typeof name === 'string' && types.has(name)
}
