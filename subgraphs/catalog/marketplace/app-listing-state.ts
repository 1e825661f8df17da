import { createStateMachine } from '../../../kit/state-machine.ts'

export type AppListingState = 'DRAFT' | 'SUBMITTED' | 'PUBLISHED' | 'REJECTED' | 'DELISTED'

/** What is on the marketplace was seen by the operator as it is: a published listing is not changed but replaced. */
export const appListingState = createStateMachine<AppListingState>('listing', {
  DRAFT: ['SUBMITTED', 'DELISTED'],
  SUBMITTED: ['PUBLISHED', 'REJECTED', 'DELISTED'],
  REJECTED: ['SUBMITTED', 'DELISTED'],
  PUBLISHED: ['DELISTED'],
  DELISTED: [],
})

export type InstallationState = 'INSTALLED' | 'SUSPENDED' | 'UNINSTALLED'

export const installationState = createStateMachine<InstallationState>('installation', {
  INSTALLED: ['SUSPENDED', 'UNINSTALLED'],
  SUSPENDED: ['INSTALLED', 'UNINSTALLED'],
  UNINSTALLED: [],
})

export type ReviewState = 'SHOWN' | 'HIDDEN'

export const reviewState = createStateMachine<ReviewState>('review', {
  SHOWN: ['HIDDEN'],
  HIDDEN: ['SHOWN'],
})
