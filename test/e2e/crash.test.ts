import { describeCrashes } from './crash.ts'

describeCrashes(2)
