// @ts-nocheck -- plain JavaScript, as Hive Gateway reads it
// Hive Gateway over Tributary's subgraphs: see docs/portability.md.
import { defineConfig } from '@graphql-hive/gateway'
import { useTributarySignature } from './tributary-signature.mjs'

// Where each subgraph listens, as JSON: {"partner":"http://localhost:4001/graphql"}; else as the supergraph says.
const urls = JSON.parse(process.env.SUBGRAPH_URLS ?? '{}')

export const gatewayConfig = defineConfig({
  supergraph: process.env.SUPERGRAPH ?? 'supergraph.graphql',
  transportEntries: {
    ...Object.fromEntries(Object.entries(urls).map(([name, location]) => [name, { location }])),
    '*.http': {
      options: {
        // Hive Gateway answers equal requests that are under way with one answer, and does not see by whom each is:
        // without this line one partner gets what another has asked for.
        deduplicateInflightRequests: false,
        // Subgraphs take subscriptions by POST alone, because a body is what is signed.
        method: 'POST',
      },
    },
  },
  plugins: () => [
    useTributarySignature({
      secret: process.env.TRIBUTARY_SECRET,
      partnerUrl: urls.partner ?? 'http://localhost:4001/graphql',
      billingUrl: urls.billing ?? 'http://localhost:4005/graphql',
    }),
  ],
})
