// Uses the page as people do, in a real browser, and prints what was seen as JSON.
// usage: node browser.mjs PLAYWRIGHT-CORE URL PID GENOME SECONDS FOLDER GENOMES SERVER...
// PID is the server's, which is ended, and the command SERVER takes its place. FOLDER gets samples.f32 (all that came for the first sound), page.png, phone.png;
// GENOMES is the folder that is served.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [playwright, url, pid, genome, seconds, folder, genomes, ...server] = process.argv.slice(2)
const { chromium } = createRequire(import.meta.url)(playwright)
const profile = mkdtempSync(join(folder, 'profile-'))
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  headless: true,
  viewport: { width: 1280, height: 800 },
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
const seen = { errors: [] }
let other = null // the server that takes the first one's place

try {
  const page = browser.pages()[0] ?? await browser.newPage()
  page.setDefaultTimeout(15000)
  page.on('pageerror', error => seen.errors.push(String(error)))
  page.on('console', message => {
    if (message.type() === 'error') seen.errors.push(message.text())
  })
  page.on('requestfailed', request => seen.errors.push(`failed: ${request.url()}`))

  let frames = []
  let messages = []
  const sent = []
  page.on('websocket', socket => {
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload === 'string') messages.push(JSON.parse(payload))
      else frames.push(payload)
    })
    socket.on('framesent', ({ payload }) => sent.push(JSON.parse(payload)))
  })

  await page.goto(url)
  const button = page.locator(`#genomes button[data-id="${genome}"]`)
  await button.waitFor()
  seen.listed = await page.locator('#genomes button').count()
  await page.waitForTimeout(300)

  const set = (id, value) => page.locator(id).evaluate((slider, value) => {
    slider.value = value
    slider.dispatchEvent(new Event('input', { bubbles: true }))
  }, value)
  const ended = () => page.waitForSelector('#player[data-playing="false"]',
    { timeout: 1000 * seconds + 15000 })
  // How much of the picture's height is used, in percent
  const drawn = () => page.locator('#scope').evaluate(canvas => {
    const { width, height } = canvas
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height)
    let rows = 0
    for (let y = 0; y < height; y++) {
      let used = 0
      for (let x = 0; x < width; x++) if (data[4 * (y * width + x) + 3] > 128) used++
      if (used > 8) rows++
    }
    return Math.round(100 * rows / height)
  })
  // A picture that moves has something in it sometime; on a busy machine not at every moment.
  const drawnSometime = async () => {
    let most = 0
    for (let i = 0; i < 30 && most <= 20; i++) {
      most = Math.max(most, await drawn())
      await page.waitForTimeout(50)
    }
    return most
  }
  const measured = name => page.locator('#player').evaluate((player, name) => player.dataset[name], name)

  // A whole sound, from the click to its end. Where the machine is too busy for what the page has sent ahead,
  // there is a gap, and the page has more sent ahead the next time.
  await set('#duration', seconds)
  seen.gaps = []
  do {
    frames = []
    messages = []
    const before = Number(await measured('underruns') ?? 0)
    await button.click()
    await page.waitForTimeout(1500)
    Object.assign(seen, await page.evaluate(() => ({
      now: Number(document.getElementById('now').textContent),
      progress: Number(document.getElementById('progress').getAttribute('aria-valuenow')),
    })))
    seen.wave = await drawnSometime()
    if (seen.gaps.length === 0) await page.screenshot({ path: join(folder, 'page.png') })
    await ended()
    seen.gaps.push(Number(await measured('underruns') ?? 0) - before)
    seen.firstMs ??= Number(await measured('firstMs'))
    seen.soundMs ??= Number(await measured('soundMs'))
  } while (seen.gaps.at(-1) > 0 && seen.gaps.length < 3)
  seen.complete = messages.filter(message => message.type === 'complete').length
  seen.chunks = frames.length
  writeFileSync(join(folder, 'samples.f32'), Buffer.concat(frames))

  // Again, with the keyboard alone, on a phone; the note changes while it plays, however long that takes.
  await set('#duration', 60)
  await page.setViewportSize({ width: 390, height: 844 })
  await page.locator('#spectrum').click()
  frames = []
  await button.focus()
  await page.keyboard.press('Enter')
  await page.waitForSelector('#player[data-playing="true"]')
  await page.waitForTimeout(700)
  await page.locator('#note').focus()
  for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight')
  await page.waitForTimeout(700)
  seen.spectrum = await drawnSometime()
  await page.screenshot({ path: join(folder, 'phone.png') })
  seen.note = sent.filter(message => message.type === 'change' && 'noteDelta' in message).at(-1)?.noteDelta
  seen.width = await page.evaluate(() => document.documentElement.scrollWidth)
  await page.keyboard.press('Escape')
  await page.waitForSelector('#player[data-playing="false"]')
  await page.waitForTimeout(300)
  seen.changed = Buffer.concat(frames).length > 0
  const n = frames.length
  await page.waitForTimeout(300)
  seen.afterStop = frames.length - n
  seen.alert = await page.locator('#alert').isVisible()

  // Warm: several clicks, the time to the first samples and to the first sound of each.
  await set('#note', 0)
  seen.clicks = []
  for (let i = 0; i < 5; i++) {
    await button.click()
    await page.waitForFunction(() => document.getElementById('player').dataset.firstMs !== undefined)
    seen.clicks.push(Number(await measured('firstMs')))
    await page.waitForTimeout(250)
  }

  // From the search to what was found; Escape takes back what was looked for, and then stops.
  await page.locator('#search').fill('117_M50')
  seen.found = await page.locator('#genomes button').count()
  await page.keyboard.press('ArrowDown')
  seen.focused = await page.evaluate(() => document.activeElement.dataset.id)
  await page.locator('#search').focus()
  await page.keyboard.press('Enter')
  await page.waitForSelector('#player[data-playing="true"]')
  await page.keyboard.press('Escape')
  seen.afterEscape = await page.evaluate(() => document.getElementById('search').value +
    document.getElementById('player').dataset.playing)
  await page.locator('#search').fill('nothing at all')
  seen.none = await page.locator('#none').textContent()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')

  // What plays stays in sight on a phone, wherever the list is scrolled to.
  await page.locator('#genomes button').last().scrollIntoViewIfNeeded()
  seen.inSight = await page.evaluate(() => {
    const { top, bottom } = document.getElementById('play').getBoundingClientRect()
    return top > 0 && bottom <= innerHeight
  })

  // Genomes come and go; the list follows when the page is looked at again.
  const look = async n => {
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await page.waitForFunction(n => document.querySelectorAll('#genomes button').length === n, n)
  }
  const files = readdirSync(genomes, { withFileTypes: true }).filter(file => file.isFile()).map(file => file.name)
  const elsewhere = mkdtempSync(join(folder, 'elsewhere-'))
  for (const name of files) renameSync(join(genomes, name), join(elsewhere, name))
  await look(0)
  seen.empty = await page.locator('#none').textContent()
  seen.emptyPlay = await page.locator('#play').isEnabled()
  for (const name of files) renameSync(join(elsewhere, name), join(genomes, name))
  await look(seen.listed)

  // The client of the documentation, with the two functions that it leaves to others.
  const client = await browser.newPage()
  await client.goto(url)
  seen.client = await client.evaluate(client => new Promise(resolve => {
    let frames = 0
    const play = samples => { if ((frames += samples.length) >= 48000) resolve(frames) }
    new Function('play', 'playedSeconds', client)(play, () => frames / 48000)
  }), readFileSync(join(folder, 'client.js'), 'utf8')).catch(String)
  await client.close()

  // What goes wrong is told in words, where they are seen.
  const alert = text => page.locator('#alert', { hasText: text }).textContent()
  await page.locator('#genomes button[data-id="no-patch"]').click()
  seen.broken = await alert('is no genome')
  seen.alertInSight = await page.evaluate(() => document.getElementById('alert').getBoundingClientRect().top >= 0)
  const errors = seen.errors.length
  process.kill(Number(pid), 'SIGINT')
  seen.gone = await alert('does not answer')
  other = spawn(server[0], server.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] })
  const otherEnded = new Promise(resolve => other.on('exit', resolve))
  await page.locator('#alert').waitFor({ state: 'hidden' })
  await page.locator('#play:enabled').waitFor()
  await button.click()
  await page.waitForSelector('#player[data-playing="true"]')
  seen.back = true
  other.kill('SIGINT')
  seen.status = await otherEnded
  seen.errors.length = errors // a server that is not there is told to the console too
} finally {
  other?.kill('SIGKILL') // has ended, unless something went wrong
  await browser.close()
  rmSync(profile, { recursive: true, force: true })
}
console.log(JSON.stringify(seen))
