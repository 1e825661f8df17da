import { Command } from 'commander'
import type { GraphOptions } from '../graph-options.ts'
import { listCommand } from '../list-command.ts'
import { mutate } from '../mutation.ts'
import { type CommandRun, graphCommand } from '../run-command.ts'
import { RefusedError } from '../usage-error.ts'

interface PlanAnswer {
  readonly id: string
  readonly handle: string
  readonly name: string
  readonly description: string
  readonly visibility: string
  readonly monthlyPrice: { readonly amount: string; readonly currencyCode: string }
}

interface LimitAnswer {
  readonly name: string
  readonly limit: number
  readonly used: number
  readonly remaining: number
  readonly resetsAt: string | null
}

const fields = 'id handle name description visibility monthlyPrice { amount currencyCode }'

/** `tributary plan`. */
export function planCommand(): Command {
  return new Command('plan')
    .summary('plans, limits and what is left of them')
    .addCommand(plansCommand())
    .addCommand(limitsCommand())
    .addCommand(changeCommand())
}

function plansCommand(): Command {
  const command = new Command('list')
    .summary('the plans that an app can be on')
    .addHelpText('after', '\nExample\n    tributary plan list')
  return listCommand<PlanAnswer>(command, {
    scopes: 'billing:read',
    read: ({ graph }) => readPlans(graph),
    columns: () => [
      ['handle', ({ handle }) => handle],
      ['name', ({ name }) => name],
      ['a month', ({ monthlyPrice }) => `${monthlyPrice.amount} ${monthlyPrice.currencyCode}`],
      ['to be had', ({ visibility }) => visibility],
      ['what it is', ({ description }) => description],
    ],
  })
}

function limitsCommand(): Command {
  const command = new Command('limits')
    .summary('what this app may use, has used and has left; costs nothing')
    .addHelpText('after', '\nExample\n    tributary plan limits --json')
  return listCommand<LimitAnswer>(command, {
    scopes: 'a key of its own',
    async read({ graph }) {
      const { rateLimit } = await graph.request<{ rateLimit: { limits: readonly LimitAnswer[] } }>(
        '{ rateLimit { limits { name limit used remaining resetsAt } } }',
      )
      return rateLimit.limits
    },
    columns: () => [
      ['limit', ({ name }) => name],
      ['allowed', ({ limit }) => limit],
      ['used', ({ used }) => used],
      ['left', ({ remaining }) => remaining],
      ['free again', ({ resetsAt }) => resetsAt],
    ],
  })
}

function changeCommand(): Command {
  const command = new Command('change')
    .summary('put an app on another plan, or ask for one that is granted by request')
    .argument('<app>', 'the id of the app')
    .argument('<plan>', 'the handle of the plan')
    .option('--note <text>', 'what the operator should know, where the plan is granted by request')
    .addHelpText('after', '\nExample\n    tributary plan change app_… growth')
  return graphCommand<GraphOptions & { note?: string }>(command, {
    scopes: 'billing:write',
    interrupted: 'Interrupted.',
    work: change,
  })
}

async function change({
  graph,
  options,
  args,
  print,
  show,
}: CommandRun<GraphOptions & { note?: string }>): Promise<number> {
  const [appId, handle] = args
  const plans = await readPlans(graph)
  const plan = plans.find((candidate) => candidate.handle === handle)
  if (plan === undefined) {
    throw new RefusedError(
      'NOT_FOUND',
      `There is no plan ${handle}. There are: ${plans.map((each) => each.handle).join(', ')}.`,
    )
  }
  if (plan.visibility === 'BY_REQUEST') {
    const { planRequest } = await mutate<{ planRequest: { id: string; status: string } }>(
      graph,
      'mutation ($input: RequestPlanInput!) { requestPlan(input: $input) { planRequest { id status } userErrors { code message } } }',
      { input: { appId, planId: plan.id, note: options.note ?? null } },
    )
    show(planRequest, () => print(`${planRequest.id}  ${planRequest.status}: the operator decides.`))
    return 0
  }
  const { planSubscription } = await mutate<{ planSubscription: SubscriptionAnswer }>(
    graph,
    `mutation ($input: ChangePlanSubscriptionInput!) {
      changePlanSubscription(input: $input) {
        planSubscription { plan { handle } pendingPlan { handle } renewsAt } userErrors { code message }
      }
    }`,
    { input: { appId, planId: plan.id } },
  )
  const { plan: now, pendingPlan, renewsAt } = planSubscription
  show(planSubscription, () =>
    print(
      pendingPlan === null ? `On ${now.handle}.` : `On ${now.handle} until ${renewsAt}, then on ${pendingPlan.handle}.`,
    ),
  )
  return 0
}

interface SubscriptionAnswer {
  readonly plan: { readonly handle: string }
  readonly pendingPlan: { readonly handle: string } | null
  readonly renewsAt: string | null
}

async function readPlans(graph: CommandRun<GraphOptions>['graph']): Promise<readonly PlanAnswer[]> {
  const { plans } = await graph.request<{ plans: { nodes: readonly PlanAnswer[] } }>(
    `{ plans(first: 250, status: ACTIVE) { nodes { ${fields} } } }`,
  )
  return plans.nodes
}
