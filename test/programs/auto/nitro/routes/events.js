export default defineEventHandler((event) => {
  const stream = createEventStream(event);
  const tick = setInterval(() => void stream.push("tick"), 100);
  stream.onClosed(() => clearInterval(tick));
  return stream.send();
});
