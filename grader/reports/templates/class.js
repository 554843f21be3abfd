"use strict";
// Sorts every table of class "sortable", filters the submissions, and shows 250 of them at a time. Without it the page is
// complete, but stays as it is.
(() => {
  const AT_A_TIME = 250; // as in class.css
  const number = (text) => { const value = parseFloat(text.replace("−", "-")); return isNaN(value) ? -Infinity : value; };
  const keyOf = (row, column, numeric) => {
    const cell = row.cells[column];
    const text = cell.dataset.key || cell.textContent.trim();
    return numeric ? number(text) : text.toLocaleLowerCase();
  };

  function sort(table, head, column) {
    const numeric = head.classList.contains("num");
    // The first click sorts upwards, the second downwards.
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const keyed = Array.from(body.rows, (row) => [keyOf(row, column, numeric), row]);
    keyed.sort(([a], [b]) => (numeric ? (a < b ? -1 : a > b ? 1 : 0) : a.localeCompare(b)) * (down ? -1 : 1));
    body.append(...keyed.map(([, row]) => row));
    table.dispatchEvent(new Event("sorted"));
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head, column));
      head.append(button);
    });
  }

  const form = document.getElementById("filter");
  if (!form) return;
  form.hidden = false;
  const table = document.querySelector("table.class");
  const rows = table.tBodies[0].rows; // in the order of the table, however it is sorted
  const names = new Map(Array.from(rows, (row) => [row, row.cells[0].textContent.toLocaleLowerCase()]));
  const pager = document.getElementById("pager");
  let first = 0; // the place of the first row that is shown, among those that fit
  const has = (list, value) => value === "" || (" " + (list || "") + " ").includes(" " + value + " ");

  function show() {
    const words = form.elements.search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const { standing, failed, made } = form.elements;
    let fitting = 0;
    for (const row of rows) {
      const fits = words.every((word) => names.get(row).includes(word))
        && has(row.dataset.standing, standing.value)
        && has(row.dataset.failed, failed.value)
        && has(row.dataset.made, made ? made.value : "");
      row.hidden = !fits || fitting < first || fitting >= first + AT_A_TIME;
      fitting += fits;
    }
    form.elements.shown.value = fitting === rows.length ? ""
      : fitting + " of " + rows.length + (fitting > AT_A_TIME ? " fit" : " shown");
    table.classList.remove("long"); // from now on, what is hidden says so itself
    pager.hidden = fitting <= AT_A_TIME;
    const last = Math.min(first + AT_A_TIME, fitting);
    pager.querySelector("output").value = (first + 1) + " to " + last + " of " + fitting;
    pager.querySelector("[name=previous]").disabled = first === 0;
    pager.querySelector("[name=next]").disabled = last === fitting;
  }

  const showFrom = (place) => { first = place; show(); };
  const filter = () => showFrom(0);
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  table.addEventListener("sorted", filter);
  pager.querySelector("[name=previous]").addEventListener("click", () => showFrom(first - AT_A_TIME));
  pager.querySelector("[name=next]").addEventListener("click", () => showFrom(first + AT_A_TIME));
  // A link with data-filter leads to the submissions, and shows only those.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-filter]");
    if (!link) return;
    form.reset();
    form.elements[link.dataset.filter].value = link.dataset.value;
    filter();
  });
  filter();
})();
