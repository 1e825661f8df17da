import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { boundaryProblem } from '../../scripts/lint/boundaries.mjs'
import { root } from './compose-file.ts'
import { runNode } from './run-node.ts'

describe('import boundaries', () => {
  it.each([
    ['kit/money.ts', 'subgraphs/registry.ts'],
    ['kit/money.ts', 'storage/kit/money.ts'],
    ['subgraphs/deals/model.ts', 'subgraphs/partner/model.ts'],
    ['subgraphs/deals/model.ts', 'gateway/pipeline.ts'],
    ['gateway/cost/charge.ts', 'gateway/engine/run-plan.ts'],
    ['gateway/cost/charge.ts', 'gateway/pipeline.ts'],
    ['gateway/pipeline/run-operation.ts', 'gateway/http/graph-front.ts'],
    ['gateway/pipeline/run-operation.ts', 'gateway/pipeline.ts'],
    ['gateway/serve/serve-editions.ts', 'gateway/transport/transport.ts'],
    ['gateway/supergraph/follow-supergraph.ts', 'gateway/pipeline/run-operation.ts'],
    ['gateway/new-folder/file.ts', 'gateway/engine/run-plan.ts'],
    ['gateway/start-gateway.ts', 'subgraphs/deals/model.ts'],
    ['storage/embedded/serve.ts', 'kit/log.ts'],
    ['schema/trial/try-documents.ts', 'gateway/start-gateway.ts'],
    ['schema/checks/coverage.ts', 'gateway/pipeline/prepare-operation.ts'],
    ['portal/src/main.tsx', 'kit/money.ts'],
    ['examples/portal-home.mjs', 'kit/money.ts'],
    ['events/event-log.ts', 'test/kit/event-log.ts'],
  ])('refuses that %s imports %s', (from, to) => {
    expect(boundaryProblem(from, to)).toContain(`${from} must not import ${to}`)
  })

  it.each([
    ['kit/money.ts', 'kit/errors.ts'],
    ['subgraphs/deals/seed.ts', 'subgraphs/demo-world/deals.ts'],
    ['subgraphs/deals/models/deal.ts', 'subgraphs/deals/rules.ts'],
    ['gateway/pipeline.ts', 'gateway/engine/run-plan.ts'],
    ['gateway/pipeline/run-operation.ts', 'gateway/engine/run-plan.ts'],
    ['gateway/live-streams/stream-source.ts', 'gateway/pipeline/run-operation.ts'],
    ['gateway/start-gateway.ts', 'subgraphs/registry.ts'],
    ['schema/trial/try-documents.ts', 'gateway/pipeline/prepare-operation.ts'],
    ['test/gateway/pipeline.test.ts', 'gateway/engine/run-plan.ts'],
    ['portal/src/main.tsx', 'schema/api.graphql'],
  ])('lets %s import %s', (from, to) => {
    expect(boundaryProblem(from, to)).toBeUndefined()
  })

  it('are enforced by the linter', async () => {
    // Below scripts, which is no input of the build: a test that starts the product must not find it stale.
    const folder = await mkdtemp(fileURLToPath(new URL('scripts/boundary-test-', root)))
    try {
      await writeFile(`${folder}/breach.mjs`, "export { subgraphs } from '../../subgraphs/registry.ts'\n")
      const { code, stdout } = await runNode(['node_modules/oxlint/bin/oxlint', `${folder}/breach.mjs`])
      expect(stdout).toContain('must not import subgraphs/registry.ts: scripts is outside the server.')
      expect(code).toBe(1)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
