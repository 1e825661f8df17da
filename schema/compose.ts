import { writeFileSync } from 'node:fs'
import { composeSchemas } from './compose-schemas.ts'

// `npm run schema:compose` writes what other programs read of the graph: routers the supergraph, clients the API.
for (const [file, text] of Object.entries(composeSchemas())) writeFileSync(new URL(file, import.meta.url), text)
