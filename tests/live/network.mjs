// A Bluesky network on this machine alone: directory, servers of accounts and of readers, from npm's @atproto/dev-env.
// Says "ready PDS CONTROL" when all of it listens, and ends when its standard input does. GET CONTROL answers when
// readers are shown all that was said.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const here = createRequire(process.cwd() + '/package.json')
const { TestNetwork } = await import(pathToFileURL(here.resolve('@atproto/dev-env')))

const network = await TestNetwork.create({ dbPostgresSchema: 'curlew' })
const control = createServer(async (request, response) => {
	try {
		await network.processAll()
		response.writeHead(200).end()
	} catch (error) {
		response.writeHead(500).end(String(error))
	}
})

control.listen(0, '127.0.0.1', () => {
	console.log(`ready ${network.pds.port} ${control.address().port}`)
})
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
