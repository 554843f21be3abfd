// The desk's keys, and saving without loading the whole page. Without this file all forms and links still work.
"use strict";

let queue = Promise.resolve(); // what was pressed is done one after another, in order
let waiting = 0; // how much of it is still to be done
let ahead = null; // what is typed for a field that is not there yet, because something is still to be done before

const main = () => document.querySelector("main");

function later(task) {
  waiting += 1;
  queue = queue.then(task).catch(tellTrouble).finally(() => { waiting -= 1; });
}

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

// What somebody is typing at this moment, and a comment not yet saved.
function drafts() {
  const at = document.activeElement;
  const box = document.getElementById("comment");
  return {
    focused: at?.id && at.matches(":focus-visible") ? at.id : "",
    field: at?.matches("input, textarea") ? { value: at.value, start: at.selectionStart, end: at.selectionEnd } : null,
    comment: box?.value || "",
  };
}

function keepTyping(draft) {
  const box = document.getElementById("comment");
  if (box && draft.comment) box.value = draft.comment;
  const field = draft.focused && document.getElementById(draft.focused);
  if (!field) return;
  field.focus({ preventScroll: true });
  if (draft.field && field.matches("input, textarea")) {
    field.value = draft.field.value;
    field.setSelectionRange(draft.field.start, draft.field.end);
  }
}

// Show the page that the desk answered with. Folded parts stay as they are, and so does what is being typed.
function show(text, address) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const next = page.querySelector("main");
  const moved = new URL(address).pathname !== location.pathname;
  const draft = drafts();
  for (const fold of main().querySelectorAll("details[id]")) {
    const same = next.querySelector(`details[id="${CSS.escape(fold.id)}"]`);
    if (same && !fold.id.startsWith("other-")) same.open = fold.open;
  }
  main().replaceWith(next);
  document.querySelector("header.top").replaceWith(page.querySelector("header.top"));
  document.title = page.title;
  document.getElementById("said").textContent = next.dataset.said || "";
  if (moved) {
    history.pushState(null, "", address);
    window.scrollTo(0, 0);
    next.querySelector("h1")?.focus({ preventScroll: true });
  } else if (next.classList.contains("conflict")) {
    next.querySelector("h1").focus();
  } else {
    keepTyping(draft);
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

// The form of the page as it is now, in place of one that was sent before the page changed.
function current(form) {
  if (form.isConnected) return form;
  const others = [...main().querySelectorAll("form")].filter((one) => one.action === form.action);
  return others[form.place] || form;
}

// What a form says: what was typed into it when it was sent, and what this page has seen by now.
function fieldsOf(sent, form) {
  const seen = new FormData(current(form));
  for (const name of ["seen", "items", "members", "flag_seen"]) {
    if (sent.has(name) && seen.has(name)) sent.set(name, seen.get(name));
  }
  return new URLSearchParams(sent);
}

function send(form, button) {
  const sent = new FormData(form, button);
  form.place = [...main().querySelectorAll("form")].filter((one) => one.action === form.action).indexOf(form);
  for (const field of form.querySelectorAll("input:not([type=hidden]), textarea")) {
    field.value = field.defaultValue; // it is on its way: what is typed from now on is new
  }
  return async () => {
    try {
      const response = await fetch(form.action, { method: "POST", body: fieldsOf(sent, form) });
      // What a conflict shows belongs to no address of its own.
      await answered(response, response.status === 409 ? location.href : response.url);
    } catch (error) {
      for (const field of current(form).querySelectorAll("input:not([type=hidden]), textarea")) {
        field.value = sent.get(field.name) || field.value;
      }
      throw error;
    }
  };
}

const save = (form, button) => send(form, button)();

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
  const field = document.getElementById(id);
  field?.focus();
  return field;
}

// Focus a field once all that was pressed before is done; what is typed until then goes into it.
function writeInTurn(id, fold) {
  if (!waiting) {
    write(id, fold);
    return;
  }
  const typed = { letters: "" };
  ahead = typed;
  later(() => {
    const field = write(id, fold);
    field?.setRangeText(typed.letters, field.value.length, field.value.length, "end");
    if (ahead === typed) ahead = null;
    else field?.blur(); // the field was left before it was there
    return typed.sent && field ? save(field.form, null) : undefined;
  });
}

// A key pressed before the field is there that it is for.
function typeAhead(event) {
  event.preventDefault();
  if (event.key === "Escape") ahead = null;
  else if (event.key === "Enter" && event.ctrlKey) ahead.sent = true;
  else if (event.key === "Enter") ahead.letters += "\n";
  else if (event.key === "Backspace") ahead.letters = ahead.letters.slice(0, -1);
  else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) ahead.letters += event.key;
}

const KEYS = {
  Enter: () => later(() => go("next")),
  ArrowRight: () => later(() => go("next")),
  ArrowLeft: () => later(() => go("previous")),
  u: () => later(() => go("unmarked")),
  f: () => later(() => press("f")),
  c: () => writeInTurn("comment"),
  n: () => writeInTurn("new-item"),
  p: () => writeInTurn("points", "type-points"),
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
  if (ahead) {
    typeAhead(event);
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
  if (event.target.method !== "post") return; // a search
  event.preventDefault();
  later(send(event.target, event.submitter));
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
