// Drives ODK's form engine against a running server: log in, list, download, fill, hand in.
//   node fill.mjs MODULES < order.json     MODULES: the folder in which `npm ci` was run
// The order: {server, username, password, formId, answers: {name: value}, batch}; an answer is a text, true for a tick,
// or {file, base64, type} for a picture. Prints what happened as JSON.
import { createHash, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

const modules = createRequire(pathToFileURL(`${process.argv[2]}/`))
const load = (name) => import(pathToFileURL(modules.resolve(name)))
const { JSDOM } = await load('jsdom')
const { window } = new JSDOM('', { url: 'http://localhost/' })
globalThis.__dirname = process.argv[2] // the engine's parser takes Node for CommonJS
for (const name of Object.getOwnPropertyNames(window)) {
  if (!(name in globalThis)) globalThis[name] = window[name]
}
const { loadForm } = await load('@getodk/xforms-engine')
const order = JSON.parse(await text(process.stdin))

const md5 = (words) => createHash('md5').update(words).digest('hex')
let challenge = null
let count = 0

function authorization(method, url) {
  const { pathname, search } = new URL(url)
  const uri = pathname + search
  const nc = String(++count).padStart(8, '0')
  const cnonce = randomBytes(8).toString('hex')
  const ha1 = md5(`${order.username}:${challenge.realm}:${order.password}`)
  const response = md5([ha1, challenge.nonce, nc, cnonce, 'auth', md5(`${method}:${uri}`)].join(':'))
  return (
    `Digest username="${order.username}", realm="${challenge.realm}", nonce="${challenge.nonce}", uri="${uri}", ` +
    `qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}", algorithm=MD5`
  )
}

async function ask(url, { method = 'GET', body } = {}) {
  for (let attempt = 0; ; attempt++) {
    const headers = { 'X-OpenRosa-Version': '1.0', Date: new Date().toUTCString() }
    if (challenge) headers.Authorization = authorization(method, url)
    const answer = await fetch(url, { method, headers, body: body?.() })
    if (answer.status !== 401 || attempt > 1) return answer
    const words = answer.headers.get('WWW-Authenticate')
    challenge = { realm: /realm="([^"]*)"/.exec(words)[1], nonce: /nonce="([^"]*)"/.exec(words)[1] }
    count = 0
  }
}

const parse = async (answer) => new DOMParser().parseFromString(await answer.text(), 'text/xml')
const field = (node, name) => node.getElementsByTagName(name)[0]?.textContent ?? ''

const list = await parse(await ask(`${order.server}/formList`))
const listed = [...list.getElementsByTagName('xform')].find((node) => field(node, 'formID') === order.formId)
const definition = await (await ask(field(listed, 'downloadUrl'))).text()
const manifest = await parse(await ask(field(listed, 'manifestUrl')))
const media = new Map(
  [...manifest.getElementsByTagName('mediaFile')].map((node) => [field(node, 'filename'), field(node, 'downloadUrl')]),
)

const form = await loadForm(definition, {
  fetchFormAttachment: async (url) => ask(media.get(decodeURIComponent(url.href.split('/').pop()))),
})
if (form.status === 'failure') throw form.error
const { root } = form.createInstance()

function answer(node, value) {
  if (node.nodeType === 'select') node.selectValues([value])
  else if (node.nodeType === 'trigger') node.setValue(value)
  else if (node.nodeType === 'upload') {
    node.setValue(new File([Buffer.from(value.base64, 'base64')], value.file, { type: value.type }))
  } else node.setValue(value)
}

const nameOf = (node) => node.currentState.reference.split('/').pop().replace(/\[\d+\]/g, '')
const asked = new Set()

function walk(node) {
  const name = nameOf(node)
  if (name in order.answers && node.currentState.relevant && !asked.has(name)) {
    asked.add(name)
    answer(node, order.answers[name])
  }
  for (const child of node.currentState.children ?? []) walk(child)
}
for (let before = -1; before !== asked.size; ) {
  before = asked.size
  walk(root)
}

const payload = await root.prepareInstancePayload(
  order.batch ? { payloadType: 'chunked', maxSize: order.batch } : { payloadType: 'monolithic' },
)
const posts = []
if (payload.status === 'ready') {
  for (const data of payload.data) {
    const body = () => {
      const parts = new FormData()
      for (const [name, file] of data.entries()) parts.append(name, file, file.name || 'instance.xml')
      return parts
    }
    const said = await ask(`${order.server}/submission`, { method: 'POST', body })
    posts.push({ status: said.status, message: field(await parse(said), 'message') })
  }
}
const violations = (payload.violations ?? []).map((one) => `${one.reference}: ${one.violation?.condition}`)
const missed = Object.keys(order.answers).filter((name) => !asked.has(name))
const xml = await payload.data[0].get('xml_submission_file').text()
process.stdout.write(JSON.stringify({ warnings: form.warnings?.length ?? 0, status: payload.status, violations, missed, posts, xml }))
