import { expect, test } from 'vitest'
import { crashRounds } from '../storage/crash/crash-rounds.ts'

const rounds = Number(process.env['CRASH_ROUNDS'] ?? 200)

/** The day, so that every day tries other moments, and a failure can be looked for again. */
const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Date.now() / 86_400_000))

test(
  `${rounds} times kill -9 under load lose nothing that was acknowledged and tear nothing`,
  async () => {
    process.stdout.write(`crash rounds: CRASH_SEED=${seed} CRASH_ROUNDS=${rounds}\n`)
    const begun = performance.now()
    const report = await crashRounds({
      rounds,
      seed,
      onRound: (round) => {
        if (round % 25 === 0) process.stdout.write(`crash rounds: ${round} of ${rounds} went well\n`)
      },
    })
    const seconds = (performance.now() - begun) / 1000
    process.stdout.write(
      `crash rounds: ${report.rounds} in ${seconds.toFixed(0)} s, ${report.acknowledged} operations acknowledged, ${report.unanswered} without an answer\n`,
    )
    expect(report.faults).toEqual([])
    expect(report.rounds).toBe(rounds)
    expect(report.unanswered).toBeGreaterThan(rounds)
  },
  rounds * 15_000,
)
