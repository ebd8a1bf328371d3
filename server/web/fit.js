{
  const { host } = document.currentScript.dataset;
  if (host && parent !== window) {
    new ResizeObserver(() => {
      const body = document.body;
      if (body && !window.folkmoot) parent.postMessage({ folkmoot: { height: Math.ceil(body.getBoundingClientRect().height) } }, host);
    }).observe(document.documentElement);
    window.said = [];
    addEventListener("message", (e) => said.push(e));
  }
}
