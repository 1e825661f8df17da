import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLNonNull,
  GraphQLSchema,
  GraphQLString,
} from 'graphql'

/** As federation's own API schema leaves it out. */
export const deferDirective = new GraphQLDirective({
  name: 'defer',
  description: 'The fragment may be answered later, in a part of its own, to clients that accept parts.',
  locations: [DirectiveLocation.FRAGMENT_SPREAD, DirectiveLocation.INLINE_FRAGMENT],
  args: {
    if: {
      type: new GraphQLNonNull(GraphQLBoolean),
      defaultValue: true,
      description: 'Whether it is deferred.',
    },
    label: { type: GraphQLString, description: 'Told with the part.' },
  },
})

/** The API schema with `@defer`, which federation's own leaves out. */
export function withDeferDirective(schema: GraphQLSchema): GraphQLSchema {
  if (schema.getDirective(deferDirective.name)) return schema
  const config = schema.toConfig()
  return new GraphQLSchema({ ...config, directives: [...config.directives, deferDirective] })
}
