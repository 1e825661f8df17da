import type { Document } from 'bson'
import { evaluate } from './expression-model.ts'
import { numberType } from './numbers.ts'
import { isDocument } from './order.ts'

/** What one path of a specification asks for. */
type Wish = { readonly path: readonly string[] } & (
  | { readonly kind: 'keep' | 'drop' }
  | { readonly kind: 'compute'; readonly expression: unknown }
)

/** Whether what is not named stays. */
type Rest = 'stays' | 'goes'

/** `$project`: the fields to keep, to drop or to calculate. */
export function project(spec: Document, doc: Document): Document {
  const wishes = wishesOf(spec, [], true)
  const goes = wishes.some(
    ({ kind, path }) => kind !== 'drop' && (kind === 'compute' || path[0] !== '_id' || wishes.length === 1),
  )
  const withId = wishes.some(({ path }) => path[0] === '_id') || !goes
  const all: Wish[] = withId ? wishes : [...wishes, { kind: 'keep', path: ['_id'] }]
  return shapeDocument(doc, all, { rest: goes ? 'goes' : 'stays', root: doc })
}

/** `$addFields`, `$set`. */
export function addFields(spec: Document, doc: Document): Document {
  return shapeDocument(doc, wishesOf(spec, [], false), { rest: 'stays', root: doc })
}

/** `$unset`. */
export function unset(paths: readonly string[], doc: Document): Document {
  const wishes = paths.map((path): Wish => ({ kind: 'drop', path: path.split('.') }))
  return shapeDocument(doc, wishes, { rest: 'stays', root: doc })
}

function wishesOf(spec: Document, prefix: readonly string[], flags: boolean): Wish[] {
  return Object.entries(spec).flatMap(([field, value]): Wish[] => {
    const path = [...prefix, ...field.split('.')]
    if (flags && (numberType(value) !== undefined || typeof value === 'boolean')) {
      return [{ path, kind: value === false || String(value) === '0' ? 'drop' : 'keep' }]
    }
    const isNested = isDocument(value) && Object.keys(value)[0]?.startsWith('$') !== true
    return isNested ? wishesOf(value, path, flags) : [{ path, kind: 'compute', expression: value as unknown }]
  })
}

type Shaping = { readonly rest: Rest; readonly root: Document }

function shapeDocument(doc: Document, wishes: readonly Wish[], shaping: Shaping): Document {
  const result: Document = {}
  for (const [field, value] of Object.entries(doc) as [string, unknown][]) {
    const shaped = shapeField(value, wishesFor(field, wishes), shaping)
    if (shaped !== undefined) result[field] = shaped
  }
  // Then what is calculated, in the order of the specification; where there was a field, it has its place.
  for (const field of new Set(wishes.map(({ path }) => path[0] as string))) {
    const mine = wishesFor(field, wishes)
    const [leaf] = mine
    if (leaf?.kind === 'compute' && leaf.path.length === 0) {
      const value = evaluate(leaf.expression, { ROOT: shaping.root })
      if (value === undefined) delete result[field]
      else result[field] = value
    } else if (!Object.hasOwn(doc, field) && mine.some(({ kind }) => kind === 'compute')) {
      result[field] = shapeDocument({}, mine, shaping)
    }
  }
  return result
}

function wishesFor(field: string, wishes: readonly Wish[]): Wish[] {
  return wishes.filter(({ path }) => path[0] === field).map((wish) => ({ ...wish, path: wish.path.slice(1) }))
}

function shapeField(value: unknown, wishes: readonly Wish[], shaping: Shaping): unknown {
  const [first] = wishes
  if (first === undefined) return shaping.rest === 'stays' ? value : undefined
  if (first.path.length > 0) return shapeInside(value, wishes, shaping)
  if (first.kind === 'compute') return shaping.rest === 'stays' ? value : undefined
  return first.kind === 'keep' ? value : undefined
}

function shapeInside(value: unknown, wishes: readonly Wish[], shaping: Shaping): unknown {
  if (Array.isArray(value)) {
    return value.map((one) => shapeInside(one, wishes, shaping)).filter((one) => one !== undefined)
  }
  if (isDocument(value)) return shapeDocument(value, wishes, shaping)
  // What is no document becomes one where something is to be calculated in it.
  if (wishes.some(({ kind }) => kind === 'compute')) return shapeDocument({}, wishes, shaping)
  return shaping.rest === 'stays' ? value : undefined
}
