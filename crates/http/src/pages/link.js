"use strict";
const form = document.querySelector("form");
const says = document.querySelector("[role=status]");
const { page, door, method, query, done, lost } = form.dataset;
// Whatever a proxy has put before the path of this page stands before the path of the door too.
const at = location.pathname.lastIndexOf(page);
const base = location.pathname.slice(0, at);
const token = location.pathname.slice(at + page.length).replace(/\/+$/, "");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const body = Object.fromEntries(new FormData(form));
  if (query) body[query] = new URLSearchParams(location.search).get(query) ?? "";
  button.disabled = true;
  says.textContent = "";
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(base + door + token, { method, headers, body: JSON.stringify(body) });
    const said = await answer.json().catch(() => ({}));
    form.hidden = answer.ok;
    says.textContent = answer.ok ? done : (said.errors?.[0]?.message ?? said.error?.message ?? said.message ?? lost);
  } catch {
    says.textContent = lost;
  }
  button.disabled = false;
});
