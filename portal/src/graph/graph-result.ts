/** One coded error of a GraphQL answer. */
export interface GraphError {
  message: string
  extensions?: Record<string, unknown> | undefined
}

/** A GraphQL answer as it crosses the wire. */
export interface GraphResult {
  data?: Record<string, unknown> | null
  errors?: GraphError[]
  extensions?: Record<string, unknown>
}

/** An operation to be sent. */
export interface GraphRequest {
  query: string
  operationName?: string | null
  variables?: Record<string, unknown>
}
