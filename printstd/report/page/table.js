"use strict";
/* Tables of findings: rows are hidden by status and by text. */
(function () {
  const boxes = Array.from(document.querySelectorAll("input[data-status]"));
  const words = document.getElementById("words"), told = document.getElementById("told");
  const rows = Array.from(document.querySelectorAll("tr[data-status]"));
  if (!words) return;

  function sift() {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.dataset.status));
    const sought = words.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const isShown = wanted.has(row.dataset.status) && row.textContent.toLowerCase().includes(sought);
      row.hidden = !isShown;
      shown += isShown;
    }
    told.textContent = shown + " / " + rows.length;
  }

  for (const box of boxes) box.addEventListener("change", sift);
  words.addEventListener("input", sift);
  /* Paper shows all. */
  window.addEventListener("beforeprint", () => rows.forEach((row) => { row.hidden = false; }));
  window.addEventListener("afterprint", sift);
  sift();
})();
