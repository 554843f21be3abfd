// The desk's keys, and saving without loading the whole page. Without this file all forms and links still work.
"use strict";

let queue = Promise.resolve(); // what was pressed is done one after another, in order

const main = () => document.querySelector("main");
const later = (task) => { queue = queue.then(task).catch(tellTrouble); };

function tell(words) {
  const box = document.getElementById("alert");
  box.textContent = words;
  box.hidden = !words;
}

function tellTrouble(error) {
  tell(error instanceof TypeError
    ? "Not saved: the desk does not answer. Start `grader mark` again; what was saved before is in the gradebook."
    : error.message);
}

// Show the page that the desk answered with. Folded parts stay as they are, and so does a comment not yet saved.
function show(text, address) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const next = page.querySelector("main");
  const moved = new URL(address).pathname !== location.pathname;
  const draft = moved ? "" : document.getElementById("comment")?.value;
  const focused = document.activeElement?.matches(":focus-visible") ? document.activeElement.id : "";
  for (const fold of main().querySelectorAll("details[id]")) {
    const same = next.querySelector(`details[id="${CSS.escape(fold.id)}"]`);
    if (same && !fold.id.startsWith("other-")) same.open = fold.open;
  }
  main().replaceWith(next);
  document.querySelector("header.top").replaceWith(page.querySelector("header.top"));
  document.title = page.title;
  if (draft && document.getElementById("comment")) document.getElementById("comment").value = draft;
  document.getElementById("said").textContent = next.dataset.said || "";
  if (moved) {
    history.pushState(null, "", address);
    window.scrollTo(0, 0);
    next.querySelector("h1")?.focus({ preventScroll: true });
  } else if (focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

async function answered(response, address) {
  const text = await response.text();
  if (response.ok || response.status === 409) {
    tell("");
    show(text, address);
    return;
  }
  const wrong = new DOMParser().parseFromString(text, "text/html").querySelector(".wrong");
  throw new Error(wrong ? `Not saved: ${wrong.textContent}` : `Not saved: ${text.slice(0, 300)}`);
}

async function load(address) {
  await saveDraft();
  const response = await fetch(address);
  await answered(response, response.url);
}

async function save(form, button) {
  const fields = new URLSearchParams(new FormData(form, button));
  if (form.contains(document.getElementById("comment"))) document.getElementById("comment").value = "";
  try {
    const response = await fetch(form.action, { method: "POST", body: fields });
    // What a conflict shows belongs to no address of its own.
    await answered(response, response.status === 409 ? location.href : response.url);
  } catch (error) {
    const box = document.getElementById("comment");
    if (box && form.contains(box)) box.value = fields.get("words");
    throw error;
  }
}

// Going on with words in the comment saves them first.
async function saveDraft() {
  const box = document.getElementById("comment");
  if (box?.value.trim() && main().classList.contains("marking")) await save(box.form, null);
}

function press(key) {
  const button = main().querySelector(`button[data-key="${CSS.escape(key)}"]`);
  if (button) return save(button.form, button);
  return undefined;
}

function go(where) {
  const link = main().querySelector(`a[data-go="${where}"]`);
  return link ? load(link.href) : undefined;
}

function unfold(id, field) {
  const fold = document.getElementById(id);
  if (!fold) return;
  fold.open = field ? true : !fold.open;
  if (fold.open) fold.scrollIntoView({ block: "nearest" });
}

function write(id, fold) {
  if (fold) unfold(fold, id);
  document.getElementById(id)?.focus();
}

const KEYS = {
  Enter: () => later(() => go("next")),
  ArrowRight: () => later(() => go("next")),
  ArrowLeft: () => later(() => go("previous")),
  u: () => later(() => go("unmarked")),
  f: () => later(() => press("f")),
  c: () => write("comment"),
  n: () => write("new-item"),
  p: () => write("points", "type-points"),
  m: () => unfold("model"),
  r: () => unfold("results"),
  "?": () => unfold("keys"),
};

document.addEventListener("keydown", (event) => {
  const at = event.target;
  if (at.matches("input, textarea, select")) {
    if (event.key === "Escape") at.blur();
    if (event.key === "Enter" && event.ctrlKey && at.form) at.form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === "Enter" && at.matches("a, button, summary")) return; // the browser follows it
  if (!main().classList.contains("marking")) return;
  const act = /^[1-9]$/.test(event.key) ? () => later(() => press(event.key)) : KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  later(() => save(event.target, event.submitter));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  later(() => load(link.href));
});

window.addEventListener("popstate", () => window.location.reload());

window.addEventListener("beforeunload", (event) => {
  if (document.getElementById("comment")?.value.trim()) event.preventDefault();
});
