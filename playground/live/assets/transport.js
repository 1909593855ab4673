/* Frames in, commands out: over a WebSocket with credits, or, where a host does not pass one through, in batches through Streamlit. */
const OPEN_TIMEOUT_MS = 2500;
const TRIES_BEFORE_POLLING = 2;
const BATCH_FRAMES = 30;
const COMMAND_GAP_MS = 250;
const AGAIN_MS = 2000;
/* as many as two batches bring at most; more pile up where nothing is drawn, in a tab in the background */
const MOST_WAITING = 180;
/* of these only the newest matters */
const COALESCED = new Set(["rate", "look", "seek", "speed", "write", "type"]);

/* Where Streamlit itself is served from: the page's own path says nothing of server.baseUrlPath. */
function serverBase() {
  const script = document.querySelector('script[src*="static/js/"]');
  if (script) return script.src.split("static/js/")[0];
  return new URL("./", document.baseURI).href;
}

class Transport {
  /* wake(): frames are waiting. early(frames): too many are, these go unseen. changed(): the status is another. refused(): no
     socket here. gone(): the server knows no such run. */
  constructor({ wake, early, changed, refused, gone }) {
    Object.assign(this, { wake, early, changed, refused, gone });
    this.status = "connecting";
    this.polling = false;
    this.sendCommands = null;
    this.inbox = [];
    this.tail = Promise.resolve();
    this.outbox = [];
    this.lastBatchId = -1;
    this.credit = 0;
    this.generation = 0;
  }

  /* Connects to another run; the same token again changes nothing. */
  open(token) {
    if (token === this.token) return;
    this.token = token;
    this.lastBatchId = -1;
    this.everOpen = false;
    this.tries = 0;
    /* so that its opening is told: what is looked at has to be asked for anew */
    if (this.status === "open") this.status = "connecting";
    this.drop();
    if (!this.polling) this.connect();
  }

  drop() {
    this.generation++;
    clearTimeout(this.retry);
    this.inbox.length = 0;
    if (this.socket) this.socket.close();
    this.socket = null;
  }

  close() {
    this.closed = true;
    clearTimeout(this.flusher);
    this.drop();
  }

  connect() {
    const generation = this.generation;
    const socket = this.makeSocket();
    if (!socket) return this.lost(generation, 0);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    const timer = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
    socket.onopen = () => {
      clearTimeout(timer);
      this.everOpen = true;
      this.setStatus("open");
      this.flush();
    };
    socket.onmessage = (event) => this.receive(event.data, generation);
    socket.onclose = (event) => {
      clearTimeout(timer);
      this.lost(generation, event.code);
    };
  }

  makeSocket() {
    try {
      return new WebSocket(`${serverBase().replace(/^http/, "ws")}live/${this.token}`);
    } catch {
      return null;
    }
  }

  lost(generation, code) {
    if (this.closed || generation !== this.generation) return;
    this.socket = null;
    this.tries++;
    if (code === 4404) {
      this.setStatus("gone");
      if (this.tries <= 2) this.gone();
      return;
    }
    if (!this.everOpen && this.tries >= TRIES_BEFORE_POLLING) {
      this.startPolling();
      this.refused();
      return;
    }
    this.setStatus(this.everOpen ? "reconnecting" : "connecting");
    const wait = this.everOpen ? Math.min(5000, 250 * 2 ** Math.min(5, this.tries - 1)) : 250;
    this.retry = setTimeout(() => this.connect(), wait);
  }

  setStatus(status) {
    if (status === "open") this.tries = 0;
    if (status === this.status) return;
    this.status = status;
    this.changed(status);
  }

  startPolling() {
    if (this.polling) return;
    this.polling = true;
    this.drop();
    this.setStatus("polling");
    this.flush();
  }

  /* Frames inflate side by side and are delivered in their order. */
  receive(buffer, generation) {
    const job = decodeFrame(buffer);
    const deliver = (frame) => {
      if (generation !== this.generation) return;
      this.inbox.push(frame);
      if (this.inbox.length > MOST_WAITING) this.early(this.inbox.splice(0, this.inbox.length - BATCH_FRAMES));
      this.wake();
    };
    this.tail = this.tail.then(() => job).then(deliver, (error) => { console.error("unreadable frame", error); deliver(null); });
  }

  /* A batch of the fallback; a rerun may show the same batch twice. after: the newest frame of the batches before it. Where two
     batches came so close that one was passed over, nothing after it can be read: all is asked for again. */
  receiveBatch(frames, after = -1) {
    if (after > this.lastBatchId) return this.askAgain();
    for (const text of frames || []) {
      const buffer = bytesOfBase64(text);
      const size = new DataView(buffer).getUint32(0, true);
      const id = JSON.parse(UTF8.decode(new Uint8Array(buffer, 4, size))).id;
      if (id <= this.lastBatchId) continue;
      this.lastBatchId = id;
      this.receive(buffer, this.generation);
    }
  }

  askAgain() {
    const now = performance.now();
    if (now - (this.asked || -AGAIN_MS) < AGAIN_MS) return;
    this.asked = now;
    this.send({ do: "again" });
  }

  /* The frames to show now: all of them, or, from a batch, as many as the clock allows. */
  take(now, playing) {
    if (!this.polling || !playing) return this.inbox.splice(0);
    const elapsed = Math.min(0.1, (now - (this.lastTake || now)) / 1000);
    this.lastTake = now;
    const fullness = clamp((this.inbox.length - BATCH_FRAMES) / BATCH_FRAMES, -0.6, 1);
    this.credit = Math.min(this.inbox.length > 3 * BATCH_FRAMES ? 4 : 2, this.credit + elapsed * 60 * (1 + 0.5 * fullness));
    const count = Math.min(this.inbox.length, Math.floor(this.credit));
    this.credit -= count;
    return this.inbox.splice(0, count);
  }

  acknowledge(count) {
    if (this.socket && this.socket.readyState === 1) for (let i = 0; i < count; i++) this.socket.send('{"do":"ack"}');
  }

  send(command) {
    if (this.socket && this.socket.readyState === 1) {
      this.socket.send(JSON.stringify(command));
      return;
    }
    if (COALESCED.has(command.do)) this.outbox = this.outbox.filter((c) => c.do !== command.do);
    if (this.outbox.length < 50) this.outbox.push(command);
    this.flush();
  }

  /* Streamlit merges triggers that follow each other closely, so batches keep a distance. */
  flush() {
    if (!this.outbox.length) return;
    if (this.socket && this.socket.readyState === 1) {
      for (const command of this.outbox.splice(0)) this.socket.send(JSON.stringify(command));
      return;
    }
    if (!this.polling || !this.sendCommands || this.flusher) return;
    const wait = Math.max(0, (this.lastFlush || 0) + COMMAND_GAP_MS - performance.now());
    this.flusher = setTimeout(() => {
      this.flusher = 0;
      this.lastFlush = performance.now();
      if (this.outbox.length) this.sendCommands(this.outbox.splice(0));
    }, wait);
  }
}
