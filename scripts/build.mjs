// `npm run build`: installs and builds what is missing or stale, and starts nothing.
import { whenReady } from './prepare/ready.mjs'

void whenReady(() => undefined)
