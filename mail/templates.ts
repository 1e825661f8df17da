/** What each kind of mail tells, besides its link. */
export interface MailFacts {
  readonly 'confirm-address': Readonly<Record<string, never>>
  readonly 'already-registered': Readonly<Record<string, never>>
  readonly 'application-received': {
    readonly name: string
    readonly organizationName: string
    readonly planName: string
  }
  readonly 'application-approved': { readonly name: string; readonly organizationName: string }
  readonly 'application-rejected': {
    readonly name: string
    readonly organizationName: string
    readonly reason: string
  }
  readonly invitation: { readonly organizationName: string; readonly role: string; readonly days: number }
  readonly 'password-reset': { readonly name: string }
  readonly 'deprecated-use': {
    readonly name: string
    readonly appName: string
    /** One line each. */
    readonly uses: string
  }
  readonly 'webhook-disabled': { readonly name: string; readonly url: string; readonly reason: string }
}

export type MailKind = keyof MailFacts

/** A mail without its form: a subject, paragraphs, and what its link is called. */
export interface MailContent {
  readonly subject: string
  readonly paragraphs: readonly string[]
  readonly action?: string
  readonly after?: string
}

type Templates = { readonly [Kind in MailKind]: (facts: MailFacts[Kind]) => MailContent }

const ignore = 'If you did not ask for this, ignore this mail; nothing happens without the link.'

/**
 * What is written in each kind of mail. Those that anybody can have sent to an address repeat nothing that was typed,
 * so that nobody writes to strangers in our name.
 */
export const templates: Templates = {
  'confirm-address': () => ({
    subject: 'Confirm your e-mail address',
    paragraphs: [
      'Somebody has applied with this e-mail address to become a partner. If that was you, one step is left:',
    ],
    action: 'Confirm your address',
    after: `The link works for three days. ${ignore}`,
  }),
  'already-registered': () => ({
    subject: 'You have an account already',
    paragraphs: [
      'Somebody has applied to become a partner with this e-mail address, which has an account or an application already.',
      'If that was you: sign in with it, or have a new password set on the page of the sign-in.',
      'If it was not you, nothing has happened.',
    ],
  }),
  'application-received': ({ name, organizationName, planName }) => ({
    subject: `We have received the application of ${organizationName}`,
    paragraphs: [
      `Hello ${name},`,
      `your address is confirmed. Somebody looks at the application of ${organizationName} for the plan ${planName} now, and you get a mail when it is decided.`,
    ],
  }),
  'application-approved': ({ name, organizationName }) => ({
    subject: `${organizationName} is a partner now`,
    paragraphs: [
      `Hello ${name},`,
      `the application of ${organizationName} is approved. Choose a password to sign in with; then you can create an app, get its key and make the first call.`,
    ],
    action: 'Choose your password',
    after: 'The link works once, for three days.',
  }),
  'application-rejected': ({ name, organizationName, reason }) => ({
    subject: `About the application of ${organizationName}`,
    paragraphs: [`Hello ${name},`, `the application of ${organizationName} was not accepted. The reason:`, reason],
  }),
  invitation: ({ organizationName, role, days }) => ({
    subject: `You are invited to ${organizationName}`,
    paragraphs: [`You are invited to join ${organizationName} as ${role}.`],
    action: 'Accept the invitation',
    after: `The link works once, for ${days} ${days === 1 ? 'day' : 'days'}.`,
  }),
  'deprecated-use': ({ name, appName, uses }) => ({
    subject: `${appName} uses parts of the API that go away`,
    paragraphs: [
      `Hello ${name},`,
      `your app ${appName} has used these parts of the API, which are deprecated:`,
      uses,
      'The answers to its operations name them too, in extensions.deprecations. This mail comes at most once a week.',
    ],
  }),
  'webhook-disabled': ({ name, url, reason }) => ({
    subject: 'A webhook endpoint was disabled',
    paragraphs: [
      `Hello ${name},`,
      `we no longer send events to ${url}: ${reason}`,
      'Nothing is lost: enable the endpoint within seven days, and it gets what it has missed, in order.',
    ],
  }),
  'password-reset': ({ name }) => ({
    subject: 'Choose a new password',
    paragraphs: [`Hello ${name},`, 'somebody has asked for a new password for this e-mail address.'],
    action: 'Choose a new password',
    after: `The link works once, for three days. ${ignore}`,
  }),
}
