// Listens to the page's audio element: how far it got, its loudest level, and what the page says meanwhile.
{
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  const samples = new Float32Array(analyser.fftSize);
  const states = [];
  let peak = 0;
  context.createMediaElementSource(audio).connect(analyser);
  analyser.connect(context.destination);
  setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    for (const s of samples) peak = Math.max(peak, Math.abs(s));
    if (states.at(-1) !== state.textContent) states.push(state.textContent);
  }, 20);
  const end = () => report({native: audio.canPlayType("application/vnd.apple.mpegurl"), peak, states,
                            time: audio.currentTime, duration: audio.duration, ended: audio.ended,
                            error: audio.error && audio.error.message});
  audio.addEventListener("ended", () => setTimeout(end, 200));
  audio.addEventListener("error", end);
  setTimeout(end, 30000);
}
