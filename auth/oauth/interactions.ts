import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Interaction, InteractionResults, Provider } from 'oidc-provider'
import type { Directory } from '../directory.ts'
import { consentPage } from '../pages/consent-page.ts'
import { messagePage } from '../pages/message-page.ts'
import { formTargetOf } from '../pages/page.ts'
import { signInPage } from '../pages/sign-in-page.ts'
import type { Logins } from '../sign-in/logins.ts'
import { organizationNameOf } from './clients.ts'
import { paths } from './paths.ts'
import { graphResource, signInScopes } from './graph-resource.ts'

/** What a page answers: a page, or where to go. */
export type InteractionAnswer =
  | { readonly kind: 'page'; readonly status: number; readonly body: string; readonly formTargets: readonly string[] }
  | { readonly kind: 'redirect'; readonly to: string }

export interface InteractionRequest {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** The form, or null for a GET. */
  readonly form: URLSearchParams | null
  readonly address: string
}

interface Dependencies {
  readonly provider: Provider
  readonly directory: Directory
  readonly logins: Logins
  readonly cookieSecret: Uint8Array
}

/** The sign-in and consent pages: what a person sees between an app's request and its answer. */
export async function answerInteraction(
  dependencies: Dependencies,
  request: InteractionRequest,
): Promise<InteractionAnswer> {
  const { provider, directory, cookieSecret } = dependencies
  const interaction = await findInteraction(provider, request)
  if (interaction === undefined) return page(messagePage('This sign-in has ended', expired), [], 400)
  const client = await provider.Client.find(textOf(interaction, 'client_id'))
  if (client === undefined)
    return page(messagePage('This app is not available', 'Go back to it and ask there.'), [], 400)

  const csrf = createHmac('sha256', cookieSecret).update(`csrf ${interaction.jti}`).digest('base64url')
  const { form } = request
  if (form !== null && !isSame(csrf, form.get('csrf') ?? '')) {
    return page(messagePage('This did not work', 'The form was not ours. Go back to the app and begin again.'), [], 403)
  }
  const step: Step = {
    ...dependencies,
    interaction,
    csrf,
    appName: client.clientName ?? client.clientId,
    appOrganization: organizationNameOf(client),
    formTargets: formTargetsOf(interaction),
    finish: async (result, options) => {
      const to = await provider.interactionResult(request.req, request.res, result, options)
      return { kind: 'redirect', to }
    },
  }
  if (form?.get('action') === 'refuse') {
    const result = { error: 'access_denied', error_description: 'the person has refused' }
    return step.finish(result, { mergeWithLastSubmission: false })
  }
  if (interaction.prompt.name === 'login') return answerSignIn(step, request)
  const member = await directory.findMember(interaction.session?.accountId ?? '')
  if (member === undefined) return page(messagePage('You are not signed in', expired), [], 400)
  return answerConsent(step, form, member)
}

interface Step extends Dependencies {
  readonly interaction: Interaction
  readonly csrf: string
  readonly appName: string
  readonly appOrganization: string
  readonly formTargets: readonly string[]
  finish(result: InteractionResults, options?: { mergeWithLastSubmission: boolean }): Promise<InteractionAnswer>
}

const expired = 'It took too long, or was begun in another window. Go back to the app and begin again.'

async function answerSignIn(step: Step, { form, address }: InteractionRequest): Promise<InteractionAnswer> {
  const { logins, directory, formTargets, appName, appOrganization: organizationName, csrf } = step
  const show = (status: number, email: string, refusal?: string): InteractionAnswer =>
    page(signInPage({ appName, organizationName, csrf, email, refusal }), formTargets, status)
  if (form === null) return show(200, textOf(step.interaction, 'login_hint'))
  const email = form.get('email') ?? ''
  const outcome = await logins.signIn({ email, password: form.get('password') ?? '', address })
  if (outcome.kind === 'too many attempts')
    return show(429, email, 'Too many attempts. Try again in a quarter of an hour.')
  const member = outcome.kind === 'signed in' ? await directory.findMember(outcome.memberId) : undefined
  // A member who may not act is told no more than a stranger.
  if (member === undefined) return show(401, email, 'The e-mail address or the password is not right.')
  return step.finish({ login: { accountId: member.memberId } })
}

type Member = NonNullable<Awaited<ReturnType<Directory['findMember']>>>

async function answerConsent(step: Step, form: URLSearchParams | null, member: Member): Promise<InteractionAnswer> {
  const { interaction, directory, provider, formTargets } = step
  const asked = textOf(interaction, 'scope').split(' ')
  const redirectUri = interaction.params['redirect_uri']
  const destination = typeof redirectUri === 'string' ? new URL(redirectUri).host || redirectUri : undefined
  const declared = await directory.declaredScopes()
  const show = (refusal?: string): InteractionAnswer =>
    page(
      consentPage({ ...step, person: member, scopes: asked, declared, destination, refusal }),
      formTargets,
      refusal ? 409 : 200,
    )
  if (form === null) return show()
  if (form.get('action') === 'switch') return switchAccount(provider, interaction)
  if (form.get('action') !== 'allow') return show()

  const { clientId, accountId } = { clientId: textOf(interaction, 'client_id'), accountId: member.memberId }
  const known = interaction.grantId === undefined ? undefined : await provider.Grant.find(interaction.grantId)
  const grant = known ?? new provider.Grant({ clientId, accountId })
  grant.addOIDCScope(asked.filter(isSignIn).join(' '))
  grant.addResourceScope(graphResource, asked.filter((scope) => !isSignIn(scope)).join(' '))
  const granted = grant.getResourceScope(graphResource).split(' ')
  const refusal = await directory.recordConsent(accountId, clientId, granted)
  if (refusal !== undefined) return show(refusal)
  return step.finish({ consent: { grantId: await grant.save() } })
}

/** Ends the person's session here and begins the app's request anew. */
async function switchAccount(provider: Provider, interaction: Interaction): Promise<InteractionAnswer> {
  const session = interaction.session?.uid ? await provider.Session.findByUid(interaction.session.uid) : undefined
  await session?.destroy()
  await interaction.destroy()
  if (interaction.deviceCode !== undefined) return { kind: 'redirect', to: paths.device }
  const asked = Object.entries(interaction.params).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return { kind: 'redirect', to: `${paths.authorization}?${new URLSearchParams(asked).toString()}` }
}

async function findInteraction(provider: Provider, { req, res }: InteractionRequest): Promise<Interaction | undefined> {
  try {
    return await provider.interactionDetails(req, res)
  } catch (error) {
    if (error instanceof Error && error.name === 'SessionNotFound') return undefined
    throw error
  }
}

function textOf({ params }: Interaction, name: string): string {
  const value = params[name]
  return typeof value === 'string' ? value : ''
}

function formTargetsOf({ params }: Interaction): readonly string[] {
  const { redirect_uri: redirectUri } = params
  return typeof redirectUri === 'string' ? [formTargetOf(redirectUri)] : []
}

function page(body: string, formTargets: readonly string[], status: number): InteractionAnswer {
  return { kind: 'page', status, body, formTargets }
}

function isSame(expected: string, given: string): boolean {
  return expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given))
}

function isSignIn(scope: string): boolean {
  return signInScopes.some((name) => name === scope)
}
