// The server's side of the page: a socket that comes back when it was lost, and the protocol.

const RETRY_FIRST = 500 // ms
const RETRY_LAST = 8000

export class Stream {
  // on: welcome (message), chunk (message, Float32Array), complete (message), error (text), lost (ms until
  // the next try)
  constructor (url, on) {
    this.url = url
    this.on = on
    this.retry = RETRY_FIRST
    this.requestId = 0
    this.connect()
  }

  connect () {
    this.head = null
    this.refused = false
    this.socket = new WebSocket(this.url)
    this.socket.binaryType = 'arraybuffer'
    this.socket.onmessage = ({ data }) => this.receive(data)
    this.socket.onclose = () => {
      this.on.lost(this.retry, this.refused)
      setTimeout(() => this.connect(), this.retry)
      this.retry = Math.min(this.retry * 2, RETRY_LAST)
    }
  }

  get isOpen () {
    return this.socket.readyState === WebSocket.OPEN
  }

  send (message) {
    if (this.isOpen) this.socket.send(JSON.stringify(message))
  }

  receive (data) {
    if (typeof data !== 'string') {
      const head = this.head
      this.head = null
      if (head && head.requestId === this.requestId) this.on.chunk(head, new Float32Array(data))
      return
    }
    const message = JSON.parse(data)
    switch (message.type) {
      case 'welcome':
        this.on.welcome(message)
        break
      case 'chunk':
        this.head = message
        break
      case 'complete':
        if (message.requestId === this.requestId) this.on.complete(message)
        break
      case 'error':
        this.refused = message.requestId === null
        if (this.refused || message.requestId === this.requestId) this.on.error(message.message)
        break
    }
  }

  render (request) {
    this.retry = RETRY_FIRST
    this.send({ type: 'render', requestId: ++this.requestId, ...request })
    return this.requestId
  }

  change (members) {
    this.send({ type: 'change', requestId: this.requestId, ...members })
  }

  position (seconds) {
    this.send({ type: 'playback-position', position: seconds })
  }

  stop () {
    this.send({ type: 'stop', requestId: this.requestId })
    this.requestId++ // what is on its way belongs to nothing
  }
}
