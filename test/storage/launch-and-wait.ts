// A program that starts the embedded database, tells where, and then does nothing until it is killed.
import { launchEmbedded } from '../../storage/embedded/launch.ts'

const server = await launchEmbedded({ dataDir: process.argv[2] as string })
process.stdout.write(`${server.uri}\n`)
setInterval(() => {}, 1000)
