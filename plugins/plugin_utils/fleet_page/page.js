/* Copyright (c) 2026, the voiceops.salesforce contributors
   GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
   SPDX-License-Identifier: GPL-3.0-or-later */

// Filters and moves; everything it shows stands in the page already.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const search = byId("q"), count = byId("count"), clear = byId("clear"), matrix = byId("matrix"), readout = byId("readout"), unfold = byId("unfold"), none = byId("none");
  const lists = all("section:has([data-o]):not(#orgs)");
  const tiles = all(".tile"), chips = all(".chips .chip");

  // One entry an org: its section, what the search looks through, and every row and line of it elsewhere.
  const orgs = all("details.org").map((section) => ({ section, parts: [section], words: null, outcome: "", ring: "" }));
  for (const part of all("[data-o]")) if (!part.matches("details.org")) orgs[part.dataset.o].parts.push(part);
  for (const one of orgs) [one.outcome, one.ring] = [one.section.dataset.outcome, one.section.dataset.ring];
  const wordsOf = (one) => (one.words ??= all(".f", one.section).map((part) => part.textContent).join("\n").toLowerCase());

  const state = { q: "", outcome: new Set(), ring: new Set(), at: "" };
  let shown = orgs;

  function fits(one, words) {
    if (state.outcome.size && !state.outcome.has(one.outcome)) return false;
    if (state.ring.size && !state.ring.has(one.ring)) return false;
    return words.every((word) => wordsOf(one).includes(word));
  }

  function filter() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const filtered = words.length > 0 || state.outcome.size > 0 || state.ring.size > 0;
    shown = [];
    for (const one of orgs) {
      const fit = fits(one, words);
      if (fit) shown.push(one);
      for (const part of one.parts) part.hidden = !fit;
    }
    for (const list of lists) list.hidden = filtered && !list.querySelector("[data-o]:not([hidden])");
    for (const tile of tiles) tile.setAttribute("aria-pressed", state.outcome.has(tile.dataset.outcome));
    for (const chip of chips) chip.setAttribute("aria-pressed", state.ring.has(chip.dataset.ring));
    if (search.value.trim() !== state.q) search.value = state.q;
    clear.hidden = !filtered;
    if (none) none.hidden = !filtered || shown.length > 0;
    count.textContent = filtered ? `${shown.length} of ${orgs.length} orgs shown${told()}` : `${orgs.length} ${orgs.length === 1 ? "org" : "orgs"}`;
    if (filtered && shown.length === 1) shown[0].section.open = true;
    highlight(words);
    rove();
    remember();
  }

  function told() {
    const labels = [...tiles, ...chips].filter((one) => one.getAttribute("aria-pressed") === "true");
    const names = labels.map((one) => one.querySelector(".badge, span").lastChild.textContent);
    return names.length ? `: ${names.join(", ")}` : "";
  }

  // Marks what was searched for, where the browser can without touching the page.
  function highlight(words) {
    if (!window.Highlight || !CSS.highlights) return;
    const ranges = [];
    for (const one of words.length ? shown.slice(0, 60) : [])
      for (const part of one.parts) for (const root of part === one.section ? all(".f", part) : [part]) mark(root, words, ranges);
    CSS.highlights.set("found", new Highlight(...ranges));
  }

  function mark(root, words, ranges) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode() && ranges.length < 3000) {
      const node = walker.currentNode, text = node.data.toLowerCase();
      if (text.length !== node.data.length) continue;
      for (const word of words)
        for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
          const range = new Range();
          range.setStart(node, at);
          range.setEnd(node, at + word.length);
          ranges.push(range);
        }
    }
  }

  // The filters stand in the address, so that a filtered page can be passed on.
  function remember() {
    const said = new URLSearchParams();
    if (state.q) said.set("q", state.q);
    for (const name of ["outcome", "ring"]) if (state[name].size) said.set(name, [...state[name]].map(encodeURIComponent).join(","));
    if (state.at) said.set("at", state.at);
    const hash = said.toString();
    if (hash === location.hash.slice(1)) return;
    try {
      history.replaceState(null, "", hash ? `#${hash}` : location.href.split("#")[0]);
    } catch {
      // A page shown inside another one may not change its address.
    }
  }

  function recall() {
    const hash = location.hash.slice(1);
    const said = byId(hash) ? new URLSearchParams({ at: hash }) : new URLSearchParams(hash);
    const list = (name) => new Set((said.get(name) ?? "").split(",").filter(() => said.has(name)).map(plain));
    Object.assign(state, { q: said.get("q") ?? "", outcome: list("outcome"), ring: list("ring"), at: said.get("at") ?? "" });
    filter();
    if (state.at) reveal(byId(state.at));
  }

  function plain(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  function reveal(target, focused = target) {
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const section = target.closest("details.org");
    (focused === target && section ? section : focused).scrollIntoView({ block: "start" });
    if (section && focused === target) section.querySelector("summary").focus({ preventScroll: true });
    if (focused !== target) focused.focus({ preventScroll: true });
  }

  function reset() {
    Object.assign(state, { q: "", outcome: new Set(), ring: new Set(), at: "" });
    search.value = "";
    filter();
  }

  const toggle = (chosen, value) => (chosen.has(value) ? chosen.delete(value) : chosen.add(value));

  // The matrix as a grid: one cell is in the order of the Tab key, the arrows move from it.
  let here = null, touched = null;

  const rows = () => (matrix ? [...matrix.tBodies[0].rows].filter((row) => !row.hidden) : []);
  const columns = () => [...matrix.tHead.rows[1].cells];

  function rove(cell) {
    if (!matrix) return;
    const next = cell ?? (here?.isConnected && !here.parentElement.hidden ? here : rows()[0]?.cells[1]);
    if (here) here.tabIndex = -1;
    here = next ?? null;
    if (here) here.tabIndex = 0;
  }

  function move(cell, key, jump) {
    const list = rows(), row = list.indexOf(cell.parentElement), last = cell.parentElement.cells.length - 1;
    const to = {
      ArrowUp: [row - 1, cell.cellIndex], ArrowDown: [row + 1, cell.cellIndex], ArrowLeft: [row, cell.cellIndex - 1], ArrowRight: [row, cell.cellIndex + 1],
      Home: [jump ? 0 : row, 1], End: [jump ? list.length - 1 : row, last], PageUp: [row - 10, cell.cellIndex], PageDown: [row + 10, cell.cellIndex],
    }[key];
    if (!to) return false;
    const target = list[Math.max(0, Math.min(list.length - 1, to[0]))]?.cells[Math.max(1, Math.min(last, to[1]))];
    if (target) {
      rove(target);
      target.focus();
    }
    return true;
  }

  const orgOf = (cell) => orgs[cell.parentElement.dataset.o];
  const linesOf = (cell) => all(`[data-c="${cell.cellIndex - 1}"]`, orgOf(cell).section);

  // What the org's section says of the requirement, without its sentence, which the column has.
  function reasonOf(line) {
    const told = line.querySelector("div");
    return told ? [...told.children].slice(1).map((part) => part.textContent).join(" ") : line.lastChild.textContent.trim();
  }

  function tell(cell) {
    for (const head of all(".on", matrix.tHead)) head.classList.remove("on");
    const head = columns()[cell.cellIndex - 1], name = cell.parentElement.cells[0].querySelector("a").textContent;
    head.classList.add("on");
    const state = cell.title || cell.dataset.state || "not looked at";
    const reason = linesOf(cell).map(reasonOf).join(" \u00b7 ");
    const title = Object.assign(document.createElement("b"), { textContent: `${name} \u00b7 ${head.textContent} ${state}` });
    readout.replaceChildren(title, ` \u2014 ${head.title}`, document.createElement("br"), reason);
    cell.setAttribute("aria-label", `${state}. ${head.title} ${reason}`);
  }

  function open(cell) {
    const one = orgOf(cell), line = linesOf(cell)[0];
    state.at = one.section.querySelector(".body").id;
    if (line) {
      line.tabIndex = -1;
      reveal(line, line);
      line.scrollIntoView({ block: "center" });
      line.focus({ preventScroll: true });
    } else {
      reveal(one.section.querySelector(".body"));
    }
    remember();
  }

  function startMatrix() {
    if (!matrix) return;
    matrix.setAttribute("role", "grid");
    matrix.closest(".scroll").removeAttribute("tabindex");
    readout.hidden = false;
    const cellOf = (event) => event.target.closest("#matrix tbody td");
    matrix.addEventListener("mouseover", (event) => cellOf(event) && tell(cellOf(event)));
    matrix.addEventListener("focusin", (event) => cellOf(event) && tell(cellOf(event)));
    matrix.addEventListener("click", (event) => {
      const cell = cellOf(event);
      if (!cell) return;
      rove(cell);
      // A finger has nothing to point with: its first touch tells, the second opens.
      const finger = event.pointerType ? event.pointerType === "touch" : matchMedia("(hover: none)").matches;
      if (finger && touched !== cell) cell.focus({ preventScroll: true });
      else open(cell);
      touched = cell;
    });
    matrix.addEventListener("keydown", (event) => {
      const cell = cellOf(event);
      if (!cell || event.altKey || event.metaKey) return;
      if (event.key === "Enter" || event.key === " ") open(cell);
      else if (!move(cell, event.key, event.ctrlKey)) return;
      event.preventDefault();
    });
  }

  function startFilters() {
    byId("tools").hidden = false;
    for (const tile of tiles) {
      tile.disabled = false;
      tile.addEventListener("click", () => (toggle(state.outcome, tile.dataset.outcome), filter()));
    }
    for (const chip of chips) chip.addEventListener("click", () => (toggle(state.ring, chip.dataset.ring), filter()));
    search.addEventListener("input", () => ((state.q = search.value.trim()), filter()));
    clear.addEventListener("click", () => (reset(), search.focus()));
    addEventListener("hashchange", recall);
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input:not([type=radio]), textarea, select");
      if (event.key === "Escape") reset();
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      search.focus();
      search.select();
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest('a[href^="#org-"]');
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      state.at = link.getAttribute("href").slice(1);
      reveal(byId(state.at));
      remember();
    });
  }

  function startFolds() {
    if (!unfold) return;
    unfold.hidden = false;
    const folded = () => shown.some((one) => !one.section.open);
    const name = () => (unfold.textContent = folded() ? "Open all" : "Close all");
    unfold.addEventListener("click", () => {
      const opening = folded();
      for (const one of shown) one.section.open = opening;
      name();
    });
    document.addEventListener("toggle", name, true);
  }

  // Paper has nothing to click on: everything is open there, and as it was afterwards.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
    closed = [];
  });

  startFilters();
  startMatrix();
  startFolds();
  recall();
})();
