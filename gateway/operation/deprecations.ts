import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import { type Brownout, type Deprecation, deprecationOf } from '../../kit/sunset.ts'

/** A deprecated field or argument that an operation uses, as its client is told. */
export interface DeprecatedUse extends Omit<Deprecation, 'brownouts'> {
  /** `Type.field` or `Type.field(argument:)`. */
  readonly coordinate: string
}

/** A coordinate that answers an error now, and until when. */
export interface RunningBrownout extends DeprecatedUse {
  readonly until: string
}

export type RunningBrownouts = ReadonlyMap<string, RunningBrownout>

/** What of one supergraph goes away. */
export interface Deprecations {
  /** Those of these coordinates that are deprecated: what ends first comes first, and no more than 20. */
  among(coordinates: readonly string[]): readonly DeprecatedUse[]
  running(now: Date): RunningBrownouts
}

const mostTold = 20
const none: RunningBrownouts = new Map()

/** Reads `@deprecated` and `@sunset` of a supergraph, once. */
export function createDeprecations(supergraph: GraphQLSchema): Deprecations {
  const known = new Map<string, DeprecatedUse>()
  const windows: (Brownout & { readonly use: DeprecatedUse })[] = []
  const note = (element: Parameters<typeof deprecationOf>[0], coordinateOf: () => string): void => {
    const deprecation = deprecationOf(element)
    if (deprecation === null) return
    const coordinate = coordinateOf()
    const { brownouts, ...told } = deprecation
    const use = { coordinate, ...told }
    known.set(coordinate, use)
    for (const { from, to } of brownouts) windows.push({ from, to, use })
  }
  for (const type of Object.values(supergraph.getTypeMap())) {
    if (type.name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) continue
    for (const field of Object.values(type.getFields())) {
      note(field.astNode, () => `${type.name}.${field.name}`)
      for (const { name, astNode } of field.args) note(astNode, () => `${type.name}.${field.name}(${name}:)`)
    }
  }

  return {
    among: (coordinates) =>
      known.size === 0
        ? []
        : coordinates
            .flatMap((coordinate) => known.get(coordinate) ?? [])
            .toSorted((a, b) => ((a.sunset ?? '9999') < (b.sunset ?? '9999') ? -1 : 1))
            .slice(0, mostTold),
    running(now) {
      if (windows.length === 0) return none
      const open = windows.filter(({ from, to }) => from <= now && now < to)
      if (open.length === 0) return none
      return new Map(open.map(({ use, to }) => [use.coordinate, { ...use, until: to.toISOString() }]))
    },
  }
}
