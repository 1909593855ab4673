/* Entry point of the sandbox: a Streamlit v2 component. Its host keeps one view; new data only change what it shows. */
const SANDBOXES = new WeakMap();

export default function (component) {
  const host = component.parentElement;
  let sandbox = SANDBOXES.get(host);
  if (!sandbox) {
    sandbox = new Sandbox(host);
    SANDBOXES.set(host, sandbox);
  }
  sandbox.receive(component);
  /* Streamlit also cleans up after a call that a quicker rerun overtook: only a host that left the page is closed. */
  return () => setTimeout(() => { if (!host.isConnected && sandbox.close()) SANDBOXES.delete(host); }, 0);
}
