// The public audit of GraphQL over HTTP, on each address that is named: { address: { passed, failed: [what and why] } }.
import { auditServer } from 'graphql-http'
import { tell } from './house.mjs'

const seen = {}
for (const url of process.argv.slice(2)) {
  const results = await auditServer({ url, fetchFn: fetch })
  const failed = results.filter(({ status }) => status !== 'ok')
  seen[url] = {
    passed: results.length - failed.length,
    failed: failed.map(({ id, name, reason }) => `${id} ${name}: ${reason}`),
  }
}
tell(seen)
