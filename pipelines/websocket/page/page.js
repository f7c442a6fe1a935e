// The page: the list, the controls, and what plays.
import { Stream } from './stream.js'
import { Scope } from './scope.js'

const AHEAD = 0.4     // seconds sent ahead at first: so long a change of the note takes to be heard
const MAX_AHEAD = 4   // seconds that the ring in the audio thread has room for, and more
const CHANGE_EVERY = 50 // ms between two changes while a slider moves

const $ = id => document.getElementById(id)

const state = {
  genomes: [],
  current: null, // id of the genome
  playing: false,
  ahead: AHEAD,
  maxAhead: AHEAD,
  generation: 0,
  total: 0,      // seconds
  received: 0,   // seconds
  clicked: 0,    // ms
  underruns: 0,
  sampleRate: 48000,
}

const scope = new Scope($('scope'))
let audio = null // {context, node}

// ---- words

function alertUser (text) {
  $('alert').textContent = text
  $('alert').hidden = !text
}

function say (text) {
  $('status').textContent = text
}

// ---- sound

// The context is made before it may play, so that the worklet is there at the first click.
async function prepareAudio () {
  const context = new AudioContext({ sampleRate: state.sampleRate, latencyHint: 'interactive' })
  if (!context.audioWorklet) {
    throw new Error('Browsers play such sound only on pages that are on this machine (localhost) or come ' +
      'over https.')
  }
  await context.audioWorklet.addModule('ring.js')
  const node = new AudioWorkletNode(context, 'ring', { numberOfInputs: 0, outputChannelCount: [1] })
  const analyser = context.createAnalyser()
  node.connect(analyser).connect(context.destination)
  node.port.onmessage = ({ data }) => hear(data)
  scope.attach(analyser)
  audio = { context, node }
}

const audioReady = prepareAudio().catch(error => {
  alertUser('There is no way to play sound here. ' + error.message)
})

// What the audio thread says.
function hear (data) {
  if (data.generation !== state.generation) return
  if (data.started) {
    const ms = Math.round(performance.now() - state.clicked)
    $('player').dataset.soundMs = ms
    say(`First sound after ${ms} ms`)
  }
  if (data.position !== undefined) {
    const seconds = data.position / state.sampleRate
    stream.position(seconds)
    showProgress(seconds)
    if (data.underruns > state.underruns) {
      state.underruns = data.underruns
      $('player').dataset.underruns = data.underruns
      state.ahead = Math.min(state.ahead * 2, state.maxAhead)
      stream.change({ ahead: state.ahead })
      say(`The sound came too late; from now on ${state.ahead.toFixed(1)} s are kept ahead`)
    }
  }
  if (data.ended) finish()
}

// ---- playing

async function play (id) {
  state.clicked = performance.now()
  await audioReady
  if (!audio) return
  if (!stream.isOpen) return
  alertUser('')
  audio.context.resume()
  state.current = id
  state.playing = true
  state.total = Number($('duration').value)
  state.received = 0
  state.generation++
  delete $('player').dataset.firstMs
  audio.node.port.postMessage({ reset: state.generation })
  stream.render({
    genomeId: id,
    duration: state.total,
    noteDelta: Number($('note').value),
    velocity: Number($('velocity').value),
    ahead: state.ahead,
  })
  say('Rendering …')
  showCurrent()
  showProgress(0)
  scope.start()
}

function stop (text = '') {
  if (!state.playing) return
  stream.stop()
  audio.node.port.postMessage({ reset: ++state.generation })
  finish()
  say(text)
}

function finish () {
  state.playing = false
  scope.stop()
  showCurrent()
}

const stream = new Stream(location.href.replace(/^http/, 'ws').replace(/[?#].*/, ''), {
  welcome (message) {
    if (message.sampleRate !== state.sampleRate) {
      alertUser(`The server sends ${message.sampleRate} Hz, and this page plays ${state.sampleRate} Hz.`)
      return
    }
    alertUser('')
    loadGenomes()
  },
  chunk (head, samples) {
    if (head.index === 0) {
      $('player').dataset.firstMs = Math.round(10 * (performance.now() - state.clicked)) / 10
    }
    state.received = head.timestamp + samples.length / head.sampleRate
    audio.node.port.postMessage({ samples, generation: state.generation }, [samples.buffer])
  },
  complete (message) {
    state.received = state.total = message.duration
    audio.node.port.postMessage({ end: true, generation: state.generation })
  },
  error (text) {
    alertUser(text)
    if (state.playing) stop()
  },
  lost (ms, refused) {
    if (state.playing) stop()
    $('play').disabled = true
    if (!refused) {
      alertUser(`The server does not answer. Trying again in ${(ms / 1000).toFixed(1)} s.`)
    }
  },
})

// ---- the list

async function loadGenomes () {
  if (!stream.isOpen) return
  try {
    const answer = await fetch('genomes')
    if (!answer.ok) throw new Error(await answer.text())
    const { genomes, maxDuration, ahead } = await answer.json()
    const same = genomes.join('\0') === state.genomes.join('\0')
    state.genomes = genomes
    state.maxAhead = Math.min(ahead, MAX_AHEAD)
    state.ahead = Math.min(state.ahead, state.maxAhead)
    $('duration').max = Math.max(1, Math.floor(maxDuration))
    if (maxDuration < 1) $('duration').min = $('duration').max = maxDuration
    showKnobs()
    if (!same || genomes.length === 0) showGenomes() // the same list keeps its focus
    $('play').disabled = genomes.length === 0
    if (!state.playing && !genomes.includes(state.current)) state.current = genomes[0] ?? null
    showCurrent()
  } catch (error) {
    alertUser('The list of sounds did not come. ' + error.message)
  }
}

// Two colours that belong to a name.
function paint (element, name) {
  let hash = 2166136261
  for (const c of name) hash = Math.imul(hash ^ c.codePointAt(0), 16777619)
  const hue = (hash >>> 8) % 360
  element.style.background =
    `linear-gradient(135deg, hsl(${hue} 75% 65%), hsl(${(hue + 50 + (hash & 127)) % 360} 70% 45%))`
}

function showGenomes () {
  const wanted = $('search').value.trim().toLowerCase()
  const found = state.genomes.filter(id => id.toLowerCase().includes(wanted))
  $('genomes').replaceChildren(...found.map((id, i) => {
    const item = document.createElement('li')
    const button = document.createElement('button')
    const dot = document.createElement('i')
    button.type = 'button'
    button.dataset.id = id
    button.tabIndex = i === 0 ? 0 : -1
    paint(dot, id)
    button.append(dot, id)
    item.append(button)
    return item
  }))
  $('count').textContent = `(${found.length})`
  $('none').hidden = found.length > 0
  $('none').textContent = state.genomes.length > 0 ? 'No sound has that in its name.'
    : 'There are no sounds yet. What is put into the folder shows up when you come back to this page.'
  showCurrent()
}

function moveFocus (button) {
  if (!button) return
  for (const other of $('genomes').querySelectorAll('[tabindex="0"]')) other.tabIndex = -1
  button.tabIndex = 0
  button.focus()
}

// ---- what is shown

function showCurrent () {
  $('title').textContent = $('title').title = state.current ?? 'Pick a sound'
  $('play-label').textContent = state.playing ? 'Stop' : 'Play'
  $('shape').setAttribute('d', state.playing ? 'M6 6h12v12H6z' : 'M7 4l13 8-13 8z')
  $('player').dataset.playing = state.playing
  document.title = state.playing ? `${state.current} – kromo` : 'kromo'
  for (const button of $('genomes').querySelectorAll('button')) {
    const isCurrent = button.dataset.id === state.current
    if (isCurrent) button.setAttribute('aria-current', 'true')
    else button.removeAttribute('aria-current')
  }
}

function showProgress (seconds) {
  const part = state.total ? Math.min(1, seconds / state.total) : 0
  $('played').style.transform = `scaleX(${part})`
  $('buffered').style.transform = `scaleX(${state.total ? Math.min(1, state.received / state.total) : 0})`
  $('progress').setAttribute('aria-valuenow', Math.round(100 * part))
  $('now').textContent = seconds.toFixed(1)
  $('length').textContent = state.total.toFixed(1)
}

function showKnobs () {
  const note = Number($('note').value)
  $('note-value').textContent = note > 0 ? `+${note}` : note < 0 ? `−${-note}` : '0'
  $('velocity-value').textContent = Number($('velocity').value).toFixed(2)
  $('duration-value').textContent = `${$('duration').value} s`
  if (!state.playing) {
    state.total = Number($('duration').value)
    showProgress(0)
  }
}

// ---- what the user does

let changeTimer = null
function change () {
  showKnobs()
  changeTimer ??= setTimeout(() => {
    changeTimer = null
    if (state.playing) {
      stream.change({ noteDelta: Number($('note').value), velocity: Number($('velocity').value) })
    }
  }, CHANGE_EVERY)
}

$('note').addEventListener('input', change)
$('velocity').addEventListener('input', change)
$('duration').addEventListener('input', showKnobs)
$('search').addEventListener('input', showGenomes)
$('play').addEventListener('click', () => state.playing ? stop('Stopped') : play(state.current))

$('genomes').addEventListener('click', event => {
  const button = event.target.closest('button')
  if (!button) return
  moveFocus(button)
  play(button.dataset.id)
})

$('genomes').addEventListener('keydown', event => {
  const buttons = [...$('genomes').querySelectorAll('button')]
  const at = buttons.indexOf(document.activeElement)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
  if (to === undefined) return
  event.preventDefault()
  moveFocus(buttons[to])
})

// From what was found to the list, or at once to its sound; Escape takes back first what was looked for.
$('search').addEventListener('keydown', event => {
  const first = $('genomes').querySelector('button')
  if (event.key === 'ArrowDown' && first) moveFocus(first)
  else if (event.key === 'Enter' && first && $('search').value) play(first.dataset.id)
  else if (event.key === 'Escape' && $('search').value) event.stopPropagation()
  else return
  if (event.key !== 'Escape') event.preventDefault()
})

document.addEventListener('keydown', event => {
  if (event.key === 'Escape') stop('Stopped')
})

// Genomes come and go while nobody looks.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) loadGenomes()
})

for (const view of ['wave', 'spectrum']) {
  $(view).addEventListener('click', () => {
    scope.view = view
    for (const other of ['wave', 'spectrum']) $(other).setAttribute('aria-pressed', other === view)
    scope.draw()
  })
}

showKnobs()
