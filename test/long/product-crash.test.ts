import { describeCrashes } from '../e2e/crash.ts'

describeCrashes(10)
