// The picture: the wave or the spectrum of what sounds now.

const FIRST_HZ = 40
const LAST_HZ = 18000
const LOUDEST = -15 // dB
const RANGE = 80    // dB

export class Scope {
  constructor (canvas) {
    this.canvas = canvas
    this.context = canvas.getContext('2d')
    this.view = 'wave'
    this.analyser = null
    this.calm = matchMedia('(prefers-reduced-motion: reduce)').matches
    new ResizeObserver(() => this.resize()).observe(canvas)
    this.resize()
  }

  attach (analyser) {
    analyser.fftSize = 4096
    analyser.smoothingTimeConstant = 0.7
    analyser.minDecibels = LOUDEST - RANGE
    analyser.maxDecibels = LOUDEST
    this.analyser = analyser
    this.samples = new Float32Array(analyser.fftSize)
    this.levels = new Float32Array(analyser.frequencyBinCount)
  }

  resize () {
    const scale = Math.min(devicePixelRatio || 1, 2)
    this.canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * scale))
    this.canvas.height = Math.max(1, Math.round(this.canvas.clientHeight * scale))
    this.scale = scale
    this.draw()
  }

  start () {
    if (this.running) return
    this.running = true
    let last = 0
    const step = now => {
      if (!this.running) return
      if (!this.calm || now - last > 250) {
        last = now
        this.draw()
      }
      requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  }

  stop () {
    this.running = false
    this.draw()
  }

  draw () {
    const { context, canvas } = this
    context.clearRect(0, 0, canvas.width, canvas.height)
    if (this.view === 'wave') this.drawWave()
    else this.drawSpectrum()
  }

  colour () {
    const gradient = this.context.createLinearGradient(0, 0, this.canvas.width, 0)
    gradient.addColorStop(0, '#7be0c3')
    gradient.addColorStop(0.55, '#7ab6ff')
    gradient.addColorStop(1, '#d49bff')
    return gradient
  }

  drawWave () {
    const { context, canvas: { width, height }, samples } = this
    context.strokeStyle = this.colour()
    context.lineWidth = 2 * this.scale
    context.lineJoin = 'round'
    context.beginPath()
    if (!this.running || !samples) {
      context.moveTo(0, height / 2)
      context.lineTo(width, height / 2)
      context.stroke()
      return
    }
    this.analyser.getFloatTimeDomainData(samples)
    const shown = 2048
    const start = this.findCrossing(samples, samples.length - shown)
    for (let i = 0; i < shown; i++) {
      const x = i / (shown - 1) * width
      context.lineTo(x, (1 - 0.92 * Math.max(-1, Math.min(1, samples[start + i]))) * height / 2)
    }
    context.stroke()
  }

  // Starts where the wave rises through zero, so that a steady tone stands still.
  findCrossing (samples, limit) {
    for (let i = 1; i < limit; i++) if (samples[i - 1] < 0 && samples[i] >= 0) return i
    return 0
  }

  drawSpectrum () {
    const { context, canvas: { width, height }, levels } = this
    if (!this.running || !levels) {
      this.drawOctaves()
      return
    }
    this.analyser.getFloatFrequencyData(levels)
    const hz = this.analyser.context.sampleRate / this.analyser.fftSize
    const step = 5 * this.scale
    context.fillStyle = this.colour()
    for (let x = 0; x < width; x += step) {
      const from = this.frequency(x / width) / hz
      const to = this.frequency((x + step) / width) / hz
      let level = -Infinity
      for (let i = Math.floor(from); i <= Math.max(Math.floor(from), Math.floor(to - 1)); i++) {
        level = Math.max(level, levels[i] ?? -Infinity)
      }
      const y = Math.max(0, Math.min(1, (level - LOUDEST + RANGE) / RANGE)) * height * 0.95
      context.fillRect(x, height - y, step - this.scale, y)
    }
    this.drawOctaves()
  }

  frequency (part) {
    return FIRST_HZ * (LAST_HZ / FIRST_HZ) ** part
  }

  drawOctaves () {
    const { context, canvas: { width, height } } = this
    context.font = `${11 * this.scale}px system-ui, sans-serif`
    for (const [hz, name] of [[100, '100 Hz'], [1000, '1 kHz'], [8000, '8 kHz']]) {
      const x = Math.log(hz / FIRST_HZ) / Math.log(LAST_HZ / FIRST_HZ) * width
      context.fillStyle = '#ffffff40'
      context.fillRect(x, 0, this.scale, height)
      context.fillStyle = '#eef1ff'
      context.strokeStyle = '#0b0e1f'
      context.lineWidth = 3 * this.scale
      context.strokeText(name, x + 5 * this.scale, height - 6 * this.scale)
      context.fillText(name, x + 5 * this.scale, height - 6 * this.scale)
    }
  }
}
