import type { DemoCredentials, DemoPerson } from './demo.ts'
import { inventoryStream, partnerHomePage } from './sample-operations.ts'

/** What a start tells: where to go, the demo's keys, and commands to paste. */
export function startPrint(url: string, demo: readonly DemoCredentials[], person: DemoPerson | null = null): string {
  const where = `
Tributary is ready.

  Page and explorer   ${url}/
  Registry            ${url}/registry/        (for teams that add subgraphs)
  Graph               ${url}/graphql          (POST; WebSocket for graphql-ws)
  Event streams       ${url}/graphql/stream   (POST, Accept: text/event-stream)
  Health              ${url}/health
`
  const [portal] = demo
  if (portal === undefined) return `${where}\nStop with Ctrl-C.\n`
  const operator = demo.find(({ slug }) => slug === 'operator-console')
  const width = Math.max(...demo.map(({ appName }) => appName.length))
  return `${where}
Demo apps. Their keys are shown here only; the database keeps hashes.

${demo.map(({ appName, appId, key, planName }) => `  ${appName.padEnd(width)}  ${appId}  ${key}  (plan ${planName})`).join('\n')}

${person ? `A person of the demo, where an app asks somebody to sign in (docs/oauth.md):\n\n  ${person.name}  ${person.email}  ${person.password}\n\n` : ''}Ask five subgraphs at once:

  ${curl(`${url}/graphql`, portal, partnerHomePage)}

Follow the stock:

  ${curl(`${url}/graphql/stream`, portal, inventoryStream, "-N -H 'accept: text/event-stream' ")}
${operator ? `\nMake it move, from another terminal:\n\n  npm run simulate -- --url ${url}/graphql --app ${operator.appId} --key ${operator.key}\n` : ''}
Stop with Ctrl-C.
`
}

function curl(url: string, { appId, key }: DemoCredentials, query: string, options = ''): string {
  const body = JSON.stringify({ query: query.replace(/\s+/g, ' ') })
  return `curl -sS ${options}${url} -H 'content-type: application/json' -H 'x-tributary-app: ${appId}' -H 'x-tributary-key: ${key}' -d '${body}'`
}
