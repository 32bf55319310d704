// Runs a client's script in a page of Chromium, which is of another origin than the product: `chromium.mjs NAME`.
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'

const order = JSON.parse(readFileSync(0, 'utf8'))
const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`
const files = { '/': ['text/html', page], '/page.js': ['text/javascript', await bundle(process.argv[2])] }

const server = createServer(({ url }, response) => {
  const [type, text] = files[url]
  response.writeHead(200, { 'content-type': type }).end(text)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const browser = await chromium.launch({ executablePath: order.chromium, args: ['--no-sandbox', '--disable-gpu'] })
const { facts, failure } = await visit(`http://localhost:${server.address().port}/`)
await browser.close()
if (failure) console.error(failure)
process.stdout.write(JSON.stringify(facts), () => process.exit(failure ? 1 : 0))

/** The script with all that it imports, as a web developer's build makes it, and what relay-compiler made. */
async function bundle(name) {
  const names = readdirSync(`${order.relay}/artifacts`).map((file) => file.replace('.graphql.js', ''))
  const entry = [
    ...names.map((each) => `import ${each} from '${order.relay}/artifacts/${each}.graphql.js'`),
    `globalThis.artifacts = { ${names.join(', ')} }`,
    `await import('./${name}.mjs')`,
  ]
  const made = await build({
    stdin: { contents: entry.join('\n'), resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    nodePaths: [`${import.meta.dirname}/node_modules`], // for what lies elsewhere
    logLevel: 'warning',
  })
  return made.outputFiles[0].text
}

/** What the page tells in the end; what it complains of meanwhile is ours to complain of. */
async function visit(url) {
  const context = await browser.newContext()
  const tab = await context.newPage()
  const told = new Promise((resolve) => {
    tab.exposeFunction('told', resolve)
    tab.on('pageerror', (error) => resolve({ facts: null, failure: `uncaught: ${error.message}` }))
  })
  tab.on('console', (message) => {
    const text = message.text()
    if (text.startsWith('Failed to load resource')) return // a status, of which the script tells what it made of it
    if (['error', 'warning'].includes(message.type())) console.error(`${message.type()}: ${text}`)
  })
  await tab.addInitScript((given) => Object.assign(globalThis, { order: given }), order)
  await tab.goto(url)
  return told
}
