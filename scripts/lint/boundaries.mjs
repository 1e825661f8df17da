import { posix } from 'node:path'

/** The stages that the steps of the gateway's pipeline are made of. */
const pipelineStages = ['answers', 'cost', 'engine', 'operation', 'plan', 'policy', 'telemetry', 'transport'].map(
  (stage) => `gateway/${stage}/`,
)

/**
 * Which part of the repository may import which others, besides itself; docs/README.md draws it. The first pattern that
 * matches a file decides. `{1}` stands for what the first group of the pattern has matched; `folder/` is all below a
 * folder, `folder/*` the files directly in it.
 * @type {readonly { from: RegExp, may: readonly string[], because: string }[]}
 */
const rules = [
  { from: /^kit\//, may: ['kit/'], because: 'kit is what everything else is made of' },
  { from: /^storage\/embedded\//, may: ['storage/embedded/'], because: 'the embedded database knows no application' },
  { from: /^storage\//, may: ['storage/', 'kit/'], because: 'storage serves every part alike' },
  {
    from: /^auth\/(main|serve-auth)\.ts$/,
    may: ['auth/', 'kit/', 'mail/', 'storage/', 'gateway/transport/', 'schema/scopes.ts'],
    because: 'as a process of its own it asks subgraphs as gateways do',
  },
  {
    from: /^auth\//,
    may: ['auth/', 'kit/', 'mail/', 'storage/', 'schema/scopes.ts'],
    because: 'it stands on kit, mail and storage, and says scopes in words',
  },
  { from: /^(events|jobs|mail)\//, may: ['{1}/', 'kit/', 'storage/'], because: '{1} stands on kit and storage' },
  { from: /^schema\/scopes\.ts$/, may: [], because: 'scopes are plain data' },
  {
    from: /^schema\/trial\//,
    may: [
      'schema/trial/',
      'kit/',
      'gateway/pipeline/prepare-operation.ts',
      'gateway/request.ts',
      'gateway/operation/',
      'gateway/plan/',
    ],
    because: 'a trial reads, costs and plans operations by what gateways do it with, and nothing else of theirs',
  },
  { from: /^schema\//, may: ['schema/', 'kit/', 'subgraphs/'], because: 'composition reads the registry' },
  {
    from: /^subgraphs\/bulk\//,
    may: ['subgraphs/bulk/', 'kit/', 'storage/', 'jobs/'],
    because: 'it takes in what the jobs of other subgraphs apply',
  },
  {
    from: /^subgraphs\/partner\//,
    may: ['subgraphs/partner/', 'subgraphs/demo-world/', 'kit/', 'mail/mail-queue.ts', 'storage/', 'schema/scopes.ts'],
    because: 'its decisions put mails into the queue; whoever has the links and the mail server sends them',
  },
  {
    from: /^subgraphs\/([\w-]+)\//,
    may: ['subgraphs/{1}/', 'subgraphs/demo-world/', 'kit/', 'storage/', 'schema/scopes.ts'],
    because: 'a subgraph may run alone, so it shares nothing with another but the demo world',
  },
  {
    from: /^subgraphs\//,
    may: ['subgraphs/', 'kit/', 'storage/', 'events/', 'jobs/', 'schema/scopes.ts', 'schema/workshop/workshop.ts'],
    because: 'this is where subgraphs are put together, whoever calls them',
  },
  {
    from: /^gateway\/pipeline\//,
    may: ['gateway/pipeline/', ...pipelineStages, 'gateway/request.ts', 'kit/'],
    because: 'steps of the pipeline know its stages, and neither the fronts before them nor who puts them in order',
  },
  {
    from: /^gateway\/live-streams\//,
    may: [
      'gateway/live-streams/',
      'gateway/pipeline/',
      'gateway/streams/',
      'gateway/identity/',
      ...pipelineStages,
      'gateway/request.ts',
      'kit/',
    ],
    because: 'it runs the steps of the pipeline for each event, whatever carries it',
  },
  {
    from: /^gateway\/serve\//,
    may: [
      'gateway/serve/',
      'gateway/pipeline.ts',
      'gateway/pipeline/',
      'gateway/request.ts',
      ...['cost', 'editions', 'http', 'operation', 'plan', 'policy', 'streams'].map((stage) => `gateway/${stage}/`),
      'kit/',
    ],
    because: 'it puts fronts before the pipeline, and reaches no subgraph by itself',
  },
  {
    from: /^gateway\/subgraphs\//,
    may: [
      'gateway/subgraphs/',
      'gateway/identity/',
      'gateway/telemetry/',
      'gateway/transport/',
      'kit/',
      'storage/',
      'events/',
      'subgraphs/*',
    ],
    because: 'it opens the ways to subgraphs and looks at them, and knows nothing of operations',
  },
  {
    from: /^gateway\/supergraph\//,
    may: ['gateway/supergraph/', 'gateway/subgraphs/', 'gateway/identity/', 'gateway/plan/', 'kit/'],
    because: 'it finds the supergraph to serve, asking subgraphs as the gateway, and knows nothing of operations',
  },
  {
    from: /^gateway\/reports\//,
    may: [
      'gateway/reports/',
      'gateway/subgraphs/',
      'gateway/supergraph/',
      'gateway/cost/',
      'gateway/identity/',
      'gateway/operation/',
      'kit/',
    ],
    because: 'it tells subgraphs what the gateway has seen, and takes no part in it',
  },
  {
    from: /^gateway\/documents\//,
    may: ['gateway/documents/', 'gateway/identity/', 'gateway/operation/', 'kit/'],
    because: 'it only keeps and asks for texts of operations',
  },
  {
    from: /^gateway\/demo\//,
    may: ['gateway/demo/', 'gateway/http/', 'gateway/identity/', 'auth/demo-login.ts', 'subgraphs/demo-world/', 'kit/'],
    because: 'it only shows what a demo has',
  },
  {
    from: /^gateway\/([\w-]+)\//,
    may: ['gateway/{1}/', 'gateway/request.ts', 'gateway/operation/', 'kit/'],
    because: 'stages share the request and its operation, never each other; the folders named above wire them',
  },
  {
    from: /^gateway\//,
    may: [
      'gateway/',
      'kit/',
      'storage/',
      'events/',
      'auth/',
      'mail/',
      'schema/scopes.ts',
      'subgraphs/*',
      'subgraphs/demo-world/',
    ],
    because: 'the gateway reaches subgraphs through the registry only',
  },
  { from: /^cli\//, may: ['cli/', 'sdk/', 'schema/api.graphql'], because: 'a command is a client like any other' },
  {
    from: /^simulate\//,
    may: ['simulate/', 'cli/*', 'sdk/'],
    because: 'the simulation is a client like any other',
  },
  {
    from: /^(portal|sdk|examples|scripts)\//,
    may: ['{1}/', 'schema/api.graphql'],
    because: '{1} is outside the server',
  },
]

/**
 * Why one file may not import another; undefined when it may. Paths are from the root, with forward slashes.
 * @param {string} from
 * @param {string} to
 */
export function boundaryProblem(from, to) {
  const rule = rules.find((candidate) => candidate.from.test(from))
  // bench, test and the settings of tools import everything.
  if (rule === undefined) return undefined
  const part = rule.from.exec(from)?.[1] ?? ''
  const allowed = rule.may.map((pattern) => pattern.replace('{1}', part))
  if (allowed.some((pattern) => covers(pattern, to))) return undefined
  return `${from} must not import ${to}: ${rule.because.replace('{1}', part)}.`
}

/**
 * @param {string} pattern
 * @param {string} file
 */
function covers(pattern, file) {
  if (pattern.endsWith('/')) return file.startsWith(pattern)
  return pattern.endsWith('/*') ? posix.dirname(file) === pattern.slice(0, -2) : file === pattern
}
