// The audio thread: a ring of samples that chunks go into and quanta come out of. Nothing is allocated while
// it plays, but for the messages.
//
// in:  {samples: Float32Array}  {end: true}: no more comes  {reset: generation}: another sound
// out: {position, buffered, underruns, generation} (frames) about 23 times a second; {started}, {ended}

const CAPACITY = 1 << 19 // frames, 10.9 s at 48 kHz
const PREROLL = 2400     // frames that are there before it starts, 50 ms
const REPORT = 2048      // frames between two reports
const FADE = 480         // frames that what is cut off takes to fade out

class Ring extends AudioWorkletProcessor {
  constructor () {
    super()
    this.ring = new Float32Array(CAPACITY)
    this.tail = new Float32Array(FADE)
    this.tailAt = FADE
    this.generation = 0
    this.underruns = 0
    this.clear()
    this.port.onmessage = ({ data }) => this.take(data)
  }

  clear () {
    this.read = this.written = this.reported = 0
    this.playing = this.ended = this.starved = false
  }

  take (data) {
    if (data.samples && data.generation === this.generation) {
      const n = Math.min(data.samples.length, CAPACITY - (this.written - this.read))
      const at = this.written % CAPACITY
      const first = Math.min(n, CAPACITY - at)
      this.ring.set(data.samples.subarray(0, first), at)
      this.ring.set(data.samples.subarray(first, n), 0)
      this.written += n
    } else if (data.end && data.generation === this.generation) {
      this.ended = true
    } else if (data.reset !== undefined) {
      this.cut()
      this.clear()
      this.generation = data.reset
    }
  }

  // What would have sounded next fades out under what comes.
  cut () {
    const available = this.playing ? this.written - this.read : 0
    for (let i = 0; i < FADE; i++) {
      const sample = i < available ? this.ring[(this.read + i) % CAPACITY] : 0
      this.tail[i] = sample * (1 - i / FADE)
    }
    this.tailAt = 0
  }

  say (message) {
    this.port.postMessage({ generation: this.generation, ...message })
  }

  report () {
    this.reported = this.read
    this.say({ position: this.read, buffered: this.written - this.read, underruns: this.underruns })
  }

  fill (out) {
    const available = this.written - this.read
    if (!this.playing && available > 0 && (available >= PREROLL || this.ended)) {
      this.playing = true
      if (this.read === 0) this.say({ started: true })
    }
    if (!this.playing) return
    const n = Math.min(available, out.length)
    for (let i = 0; i < n; i++) out[i] = this.ring[(this.read + i) % CAPACITY]
    this.read += n
    if (n === out.length) return
    this.playing = false
    if (this.ended) {
      this.report()
      this.say({ ended: true })
    } else {
      this.underruns++
      this.report()
    }
  }

  process (inputs, outputs) {
    const out = outputs[0][0]
    this.fill(out)
    for (let i = 0; i < out.length && this.tailAt < FADE; i++) out[i] += this.tail[this.tailAt++]
    if (this.playing && this.read - this.reported >= REPORT) this.report()
    return true
  }
}

registerProcessor('ring', Ring)
