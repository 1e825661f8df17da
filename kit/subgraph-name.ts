/** How a published subgraph may be called: what ends up in names of its supergraph and in metrics. */
export const subgraphNamePattern = /^[a-z][a-z\d-]{0,39}$/
