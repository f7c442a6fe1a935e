// Presses the button and listens: the loudest level, what arrived, what the page says meanwhile; and stops by itself
// after STOP_AFTER seconds of sound, or waits for the end.
{
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  const samples = new Float32Array(analyser.fftSize);
  const result = {peak: 0, states: [], packets: 0, lost: 0, seconds: 0, concealed: 0};
  let source = null;
  let begun = 0;
  const end = () => setTimeout(() => report(result), 500);
  setInterval(async () => {
    if (!source && audio.srcObject) {
      source = context.createMediaStreamSource(audio.srcObject);
      source.connect(analyser);
    }
    analyser.getFloatTimeDomainData(samples);
    for (const s of samples) result.peak = Math.max(result.peak, Math.abs(s));
    if (result.states.at(-1) !== state.textContent) {
      result.states.push(state.textContent);
      if (/ over\.$|Cannot/.test(state.textContent)) end();
    }
    for (const s of peer ? (await peer.getStats()).values() : [])
      if (s.type === "inbound-rtp") {
        Object.assign(result, {packets: s.packetsReceived, lost: s.packetsLost, seconds: s.totalSamplesDuration,
                               energy: s.totalAudioEnergy, concealed: s.concealmentEvents, jitter: s.jitter});
        if (!begun && s.packetsReceived) begun = performance.now();
      }
    if (begun && STOP_AFTER && performance.now() - begun > STOP_AFTER * 1000) {
      begun = Infinity;
      button.click();
      end();
    }
  }, 50);
  setTimeout(end, 30000);
  button.click();
}
