import type { GeneratorValue } from 'fast-check'
import * as fc from 'fast-check'
import type { GeneratedField, GeneratedGraph } from './generated-graph.ts'

/** Draws a query over a generated graph: nested, aliased, with fragments, arguments, `@skip` and `@include`. */
export function generateOperation(draw: GeneratorValue, { types }: GeneratedGraph): string {
  const entityTypes = types.slice(0, -1)
  let aliases = 0
  let fields = 0
  let directives = 0

  const condition = (): string => {
    const [directive, variable] = draw(
      fc.constantFrom,
      ['', ''],
      ['', ''],
      ['', ''],
      ['@include', '$yes'],
      ['@include', '$no'],
      ['@skip', '$yes'],
      ['@skip', '$no'],
    ) as [string, string]
    // Below the gateway's own limits, whose refusals are no answers to compare.
    if (directive === '' || directives >= 50) return ''
    directives += 1
    return ` ${directive}(if: ${variable})`
  }
  const selectField = (field: GeneratedField, depth: number): string => {
    fields += 1
    const argument = aliases < 50 ? draw(fc.constantFrom, '', '', '(n: 2)', '(n: $n)') : ''
    // An argument makes it another value: under a name of its own it meets no other.
    const alias = argument !== '' || (draw(fc.boolean) && aliases < 40) ? `a${(aliases += 1)}: ` : ''
    const inner = selectionOf(field, depth + 1)
    return `${alias}${field.name}${argument}${condition()}${inner}`
  }
  const selectionOf = ({ kind, of }: GeneratedField, depth: number): string => {
    if (kind === 'entity') return ` { ${selectEntity(of, depth)} }`
    if (kind !== 'Node' && kind !== 'Thing') return ''
    const own =
      kind === 'Node' ? draw(fc.constantFrom, ['id'], ['__typename'], ['id', '__typename'], ['id']) : ['__typename']
    const fragments = entityTypes.flatMap((type, index) =>
      draw(fc.boolean) ? [`... on ${type.name}${condition()} { ${selectEntity(index, depth)} }`] : [],
    )
    return ` { ${[...own, ...fragments].join(' ')} }`
  }
  const selectEntity = (index: number, depth: number): string => {
    const known = entityTypes[index]?.fields ?? []
    const chosen = known.filter(() => depth < 5 && fields < 60 && draw(fc.boolean))
    const selected = chosen.map((field) => selectField(field, depth))
    return [...(draw(fc.boolean) || selected.length === 0 ? ['id'] : []), ...selected].join(' ')
  }
  const roots = types.at(-1)?.fields.filter(() => draw(fc.boolean)) ?? []
  const selected = roots.map((field) => selectField(field, 0))
  const body = `{ __typename ${selected.join(' ')} }`
  const used = ['$yes: Boolean = true', '$no: Boolean = false', '$n: Int = 3'].filter((definition) =>
    new RegExp(`\\${definition.split(':', 1)[0]}\\b`).test(body),
  )
  return used.length === 0 ? body : `query (${used.join(', ')}) ${body}`
}
