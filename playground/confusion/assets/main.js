/* Entry point of the clickable confusion matrix: a Streamlit v2 component. Its host keeps one table; new data only change its cells. */
const MATRICES = new WeakMap();

export default function (component) {
  const host = component.parentElement;
  let matrix = MATRICES.get(host);
  if (!matrix) {
    matrix = new Matrix(host);
    MATRICES.set(host, matrix);
  }
  matrix.receive(component);
  /* Streamlit also cleans up after a call that a quicker rerun overtook: only a host that left the page is closed. */
  return () => setTimeout(() => { if (!host.isConnected) MATRICES.delete(host); }, 0);
}
