import { expect, it } from 'vitest'
import { toLine } from '../../cli/events/events-command.ts'

it('An event for people does not steer their terminal', () => {
  const [csi, override] = ['\u009B2J', '\u202E']
  const event = {
    id: 'evt_1',
    source: '/loyalty',
    type: 'loyalty.used',
    subject: 'loy_1',
    time: '2026-11-02T09:30:00.000Z',
    sequence: '1',
    cursor: 'evc_1',
    data: { note: `a${csi}b${override}c`, points: 5 },
  }
  expect(toLine(event)).toBe('2026-11-02T09:30:00.000Z  loyalty.used  loy_1  {"note":"a 2Jb c","points":5}')
})
