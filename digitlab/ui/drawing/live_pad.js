// The pad of `formats/pad/live_pad.js`, which stands before this file, as a component of Streamlit.
const livePads = new WeakMap();

export default function ({ data, parentElement }) {
  if (!livePads.has(parentElement)) livePads.set(parentElement, startLivePad(parentElement));
  livePads.get(parentElement).update(data);
  return () => { livePads.get(parentElement)?.stop(); livePads.delete(parentElement); };
}
