import { type DocumentNode, Kind } from 'graphql'
import { sunsetProblems } from '../../kit/sunset.ts'

/** Where a `@sunset` says what no gateway would believe, with what is wrong. */
export function findMisdatedSunsets(document: DocumentNode): string[] {
  return document.definitions.flatMap((definition) => {
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
        return (definition.fields ?? []).flatMap((field) => {
          const coordinate = `${definition.name.value}.${field.name.value}`
          return [
            ...sunsetProblems(field).map((problem) => `${coordinate} ${problem}`),
            ...(field.arguments ?? []).flatMap((argument) =>
              sunsetProblems(argument).map((problem) => `${coordinate}(${argument.name.value}:) ${problem}`),
            ),
          ]
        })
      default:
        return []
    }
  })
}
