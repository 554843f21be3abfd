"use strict";
// Sorts every table of class "sortable" and filters the submissions. Without it the page is complete, but stays as it is.
(() => {
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
  const rows = Array.from(document.querySelectorAll("table.class tbody tr"));
  const names = rows.map((row) => row.cells[0].textContent.toLocaleLowerCase());
  const has = (list, value) => value === "" || (" " + (list || "") + " ").includes(" " + value + " ");

  function filter() {
    const words = form.elements.search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const { standing, failed, made } = form.elements;
    let shown = 0;
    rows.forEach((row, at) => {
      const fits = words.every((word) => names[at].includes(word))
        && has(row.dataset.standing, standing.value)
        && has(row.dataset.failed, failed.value)
        && has(row.dataset.made, made ? made.value : "");
      row.hidden = !fits;
      shown += fits;
    });
    form.elements.shown.value = shown === rows.length ? "" : shown + " of " + rows.length + " shown";
  }
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
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
