import type { Timer } from '../../../kit/background.ts'
import type { PartnerModels } from '../models.ts'
import { evaluateOrganization } from './evaluate-organization.ts'
import { rulesVersion } from './tiers.ts'

/** Small, so that a change of the programme does not keep the other timers waiting while everybody is evaluated. */
const batchSize = 20

/** Evaluates the organizations for which something has changed: a deal, a certification, the programme, the time. */
export const tierEvaluation: Timer<PartnerModels> = {
  name: 'tier-evaluation',
  async run(context) {
    const { models, connection, now } = context
    const due = await models.standings.due(now(), rulesVersion(await models.tiers.ladder()), batchSize)
    for (const id of due) {
      // Each in a transaction of its own: a partner who is changed meanwhile makes only its own evaluation run again.
      await connection.transaction(async (session) => {
        const standing = await models.standings.findById(session, id)
        const ladder = await models.tiers.ladder(session)
        const isDue = standing?.evaluateAt && standing.evaluateAt <= now()
        if (standing === null || (!isDue && standing.rulesVersion >= rulesVersion(ladder))) return
        await evaluateOrganization(context, session, { standing, ladder })
      })
    }
    return due.length
  },
}
