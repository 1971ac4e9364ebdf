// The farm's page: asks the API, shows rows, and lets the live connection change them.
"use strict";
(() => {
  const boot = JSON.parse(document.getElementById("boot").textContent);
  const words = boot.words;
  const scopes = ["read", "submit", "operate", "admin"];
  const may = (scope) => scopes.indexOf(boot.scope) >= scopes.indexOf(scope);
  const $ = (id) => document.getElementById(id);
  const PAGE = 50;
  const offsets = { printers: 0, prints: 0 };
  const shown = { printers: [], prints: [] };
  let tab = "printers";
  let model = null;
  let socket = null;

  // Elements are made, never written as HTML: names come from files and printers.
  const make = (tag, attributes = {}, ...children) => {
    const one = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) one.addEventListener(key.slice(2), value);
      else if (value === true) one.setAttribute(key, "");
      else if (value !== false && value !== null) one.setAttribute(key, value);
    }
    one.append(...children.filter((child) => child !== null && child !== undefined));
    return one;
  };
  const word = (key) => words[key] ?? key;

  const ask = async (path, { method = "GET", json, body } = {}) => {
    const headers = { "X-CSRF-Token": boot.token };
    if (json !== undefined) { headers["Content-Type"] = "application/json"; body = JSON.stringify(json); }
    const answer = await fetch("/api/v1/" + path, { method, headers, body, credentials: "same-origin" });
    if (answer.status === 401) { location.assign("/login"); return new Promise(() => {}); }
    const value = await answer.json();
    if (!answer.ok) {
      const detail = Array.isArray(value.detail) ? value.detail.map((d) => d.msg).join("; ") : value.detail;
      throw new Error([value.what ?? detail, value.where, value.got, value.wanted, value.what_to_do].filter(Boolean).join("\n"));
    }
    return value;
  };
  const say = (text, isBad) => {
    const [own, other] = isBad ? [$("problem"), $("told")] : [$("told"), $("problem")];
    own.textContent = text; own.hidden = !text; other.hidden = true;
  };
  const doing = (work) => async (event) => {
    event?.preventDefault?.();
    const button = event?.currentTarget instanceof HTMLButtonElement ? event.currentTarget : null;
    if (button) button.disabled = true;
    try { await work(event); } catch (error) { say(error.message, true); } finally { if (button) button.disabled = false; }
  };
  const button = (key, work, main = false) => make("button", { type: "button", class: main ? "main" : null, onclick: doing(work) }, word(key));
  const told = (answer) => say((answer.told ?? []).join("\n"), false);

  // Printers

  const showPrinter = (one) => {
    const deeds = make("div", { class: "deeds" });
    if (may("operate")) {
      if (one.needs_clear) {
        deeds.append(button("ready", async () => { told(await ask(`printers/${encodeURIComponent(one.name)}/ready`, { method: "POST", json: {} })); await load(); }, true));
        if (one.print_state === "awaiting_clear") deeds.append(button("bad", async () => { told(await ask(`printers/${encodeURIComponent(one.name)}/ready`, { method: "POST", json: { bad: word("bad") } })); await load(); }));
      }
      if (one.print && ["printing", "paused"].includes(one.print_state)) deeds.append(...printDeeds(one.print, one.print_state));
      const deed = one.paused ? "resume" : "pause";
      deeds.append(button(deed, async () => { told(await ask(`do/${encodeURIComponent(one.name)}/${deed}`, { method: "POST" })); await load(); }));
    }
    const state = one.print_state && one.print_state !== "awaiting_clear" ? one.print_state : one.needs_clear ? "awaiting_clear" : one.state;
    return make("li", { id: `printer-${one.name}`, "data-state": state },
      make("h2", {}, one.name),
      make("p", {}, make("strong", {}, word(state)), one.paused ? ` (${word("held")})` : null, one.print ? ` · ${word("print")} ${one.print}` : null),
      one.print !== null && ["printing", "paused"].includes(one.print_state) ? bar(one) : null,
      make("p", { class: "small" }, `${one.profile} · ${one.nozzle_mm} mm · ${one.host}`, one.loaded.length ? ` · ${word("loaded")}: ${one.loaded.join(", ")}` : null),
      one.nozzle_c !== null || one.bed_c !== null ? make("p", { class: "small" }, `${one.nozzle_c ?? "?"} °C · ${one.bed_c ?? "?"} °C`) : null,
      one.message ? make("p", { class: "small" }, one.message) : null,
      deeds);
  };
  const bar = (one) => make("div", {},
    make("progress", { max: "1", value: String(one.progress ?? 0), "aria-label": word("progress") }),
    make("span", { class: "small" }, `${Math.round(100 * (one.progress ?? 0))} %`, one.layer ? ` · ${word("layer")} ${one.layer}` : null));

  // Queue

  const printDeeds = (number, state) => {
    const deeds = [];
    const deed = state === "paused" || state === "held" ? "resume" : ["printing", "queued"].includes(state) ? "pause" : null;
    if (deed) deeds.push(button(deed, async () => { told(await ask(`do/${number}/${deed}`, { method: "POST" })); await load(); }));
    deeds.push(button("cancel", async () => {
      if (!confirm(word("really_cancel"))) return;
      told(await ask(`do/${number}/cancel`, { method: "POST" })); await load();
    }));
    return deeds;
  };
  const showPrint = (one) => {
    const deeds = make("div", { class: "deeds" });
    const why = make("ul", { hidden: true });
    if (one.state === "queued") {
      deeds.append(button("why", async () => {
        const { reasons } = await ask(`jobs/${one.job}`);
        why.replaceChildren(...reasons.map((r) => make("li", {}, `${r.printer}: ${r.reason}`)));
        if (!reasons.length) why.append(make("li", {}, word("nothing")));
        why.hidden = false;
      }));
    }
    if (may("operate")) deeds.append(...printDeeds(one.number, one.state));
    const sheet = one.certificate;
    return make("li", { id: `print-${one.number}`, "data-state": one.state },
      make("h2", {}, one.name),
      make("p", {}, make("strong", {}, word(one.state)), one.printer ? ` · ${one.printer}` : null, one.wish ? ` · ${word(one.wish)}…` : null),
      ["printing", "paused", "finishing"].includes(one.state) ? bar(one) : null,
      make("p", { class: "good" }, `${word("certificate")}: ${word(sheet.verdict)} · ${sheet.level} · ${sheet.standard}`),
      make("p", { class: "small" }, `${word("job")} J${one.job} · ${word("print")} ${one.number} · ${one.copy}/${one.copies}`, one.print_time_s ? ` · ${Math.round(one.print_time_s / 60)} min` : null, one.grams ? ` · ${one.grams.toFixed(1)} g` : null),
      one.reason ? make("p", { class: "small" }, `${word("reason")}: ${one.reason}`) : null,
      why, deeds);
  };

  const pager = (kind, total) => {
    const from = offsets[kind];
    const step = (by) => async () => { offsets[kind] = Math.max(0, from + by); await load(); };
    const before = button("before", step(-PAGE)); before.disabled = from === 0;
    const next = button("next", step(PAGE)); next.disabled = from + PAGE >= total;
    $(`${kind}-pager`).replaceChildren(...(total > PAGE ? [before, make("span", {}, `${from + 1}–${Math.min(total, from + PAGE)} / ${total}`), next] : []));
  };
  const fill = (id, rows) => $(id).replaceChildren(...(rows.length ? rows : [make("li", {}, word("nothing"))]));

  const loads = {
    async printers() {
      const { printers, total } = await ask(`printers?offset=${offsets.printers}&limit=${PAGE}`);
      shown.printers = printers.map((one) => one.name); fill("printers", printers.map(showPrinter)); pager("printers", total);
    },
    async queue() {
      const { prints, total } = await ask(`prints?offset=${offsets.prints}&limit=${PAGE}`);
      shown.prints = prints.map((one) => one.number); fill("prints", prints.map(showPrint)); pager("prints", total);
    },
    async new_part() { await choices(); },
    async spools() {
      const { spools } = await ask("spools");
      fill("spools", spools.map((one) => make("li", {}, make("h2", {}, one.id), make("p", {}, `${one.material} ${one.colour}`), make("p", {}, `${word("left")}: ${one.left_g} g`), one.lot ? make("p", { class: "small" }, one.lot) : null)));
    },
    async history() {
      const { events } = await ask("history?last=100");
      fill("events", events.map((one) => make("li", { value: String(one.number) }, make("strong", {}, one.what), ` ${one.at} · ${one.by} · ${one.told}`)));
    },
  };
  const load = async () => {
    shown.printers = []; shown.prints = [];
    await loads[tab]();
    subscribe();
  };
  const choose = doing(async (event) => {
    tab = (event.currentTarget ?? event.target).id.replace("tab-", "");
    for (const other of document.querySelectorAll("[role=tab]")) {
      const isOn = other.id === `tab-${tab}`;
      other.setAttribute("aria-selected", String(isOn));
      $(other.getAttribute("aria-controls")).hidden = !isOn;
    }
    await load();
  });
  for (const one of document.querySelectorAll("[role=tab]")) one.addEventListener("click", choose);

  // Live

  const subscribe = () => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(shown)); };
  const connect = () => {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live`);
    socket.addEventListener("open", () => { $("live").classList.add("on"); $("live").textContent = word("live"); subscribe(); });
    socket.addEventListener("close", () => { $("live").classList.remove("on"); $("live").textContent = word("not_live"); setTimeout(connect, 2000); });
    socket.addEventListener("message", (event) => {
      const news = JSON.parse(event.data);
      const put = (id, made) => { const old = $(id); if (old && !old.contains(document.activeElement)) old.replaceWith(made); };
      for (const one of news.printers ?? []) put(`printer-${one.name}`, showPrinter(one));
      for (const one of news.prints ?? []) put(`print-${one.number}`, showPrint(one));
    });
  };

  // A new part: drop, choose, check, look, certify, queue

  let profiles = null;
  const options = (id, names, chosen) => $(id).replaceChildren(...names.map((name) => make("option", { value: name, selected: name === chosen }, name)));
  const choices = async () => {
    if (profiles) return;
    profiles = await ask("profiles");
    options("choice-printer", Object.keys(profiles.printers));
    const loaded = () => options("choice-material", profiles.materials, profiles.printers[$("choice-printer").value]?.[0] ?? "pla");
    $("choice-printer").addEventListener("change", loaded); loaded();
    options("choice-process", profiles.processes, "standard-0.20");
    options("choice-pack", Object.keys(profiles.packs), "int");
    const classes = () => { const own = profiles.packs[$("choice-pack").value]; options("choice-class", own.classes, own.default ?? own.classes[0]); };
    $("choice-pack").addEventListener("change", classes); classes();
  };
  const chosenFile = (list) => { const [file] = list; if (file) { $("drop").file = file; $("check").disabled = !may("submit"); $("made-name").textContent = file.name; } };
  $("file").addEventListener("change", (event) => chosenFile(event.target.files));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    $("drop").addEventListener(kind, (event) => {
      event.preventDefault(); $("drop").classList.toggle("over", kind === "dragover");
      if (kind === "drop") chosenFile(event.dataTransfer.files);
    });
  }
  const stage = (made, text) => {
    $("made").hidden = false; $("made-name").textContent = made.name; $("made").dataset.stage = made.stage;
    $("made-stage").textContent = text;
    $("made-stage").className = made.verdict === "FAILED" || made.stage === "failed" ? "bad" : made.verdict === "PASSED" ? "good" : "";
    const worst = { FAIL: 0, NOT_EVALUATED: 1, INDETERMINATE: 2, WARN: 3, INFO: 4 };
    $("findings").replaceChildren(...[...made.findings].sort((a, b) => (worst[a.status] ?? 9) - (worst[b.status] ?? 9)).map((one) => make("li", {}, make("strong", {}, `${one.rule_id} ${one.status}`), ` ${one.message}`)));
  };
  const until = async (stages) => {
    for (;;) {
      const made = await ask(`models/${model}`);
      if (stages.includes(made.stage)) return made;
      await new Promise((done) => setTimeout(done, 400));
    }
  };
  $("new").addEventListener("submit", (event) => event.preventDefault());
  $("check").addEventListener("click", doing(async () => {
    const file = $("drop").file;
    say("", false); $("report").hidden = true; $("certify").hidden = true; $("enqueue-with").hidden = true;
    let made = await ask(`models?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
    model = made.id;
    const value = (name) => $(`choice-${name}`).value;
    const [order] = $("choice-order").files;
    const json = { printer: value("printer"), pack: value("pack"), class: value("class") || "m", material: value("material"), process: value("process"), order: order ? await order.text() : "" };
    await ask(`models/${model}/check`, { method: "POST", json });
    stage(made, word("checking"));
    made = await until(["checked", "failed"]);
    stage(made, made.stage === "failed" ? `${word("failed")}\n${made.told}` : `${word("verdict")}: ${word(made.verdict)}`);
    if (made.stage === "checked") {
      $("report").src = `/api/v1/models/${model}/report#view`; $("report").hidden = false;
      $("certify").hidden = !(profiles.can_certify && may("submit"));
    }
    $("made").scrollIntoView();
  }));
  $("certify").addEventListener("click", doing(async () => {
    say("", false);
    let made = await ask(`models/${model}/certify`, { method: "POST" });
    stage(made, word("certifying"));
    made = await until(["certified", "failed"]);
    stage(made, made.stage === "failed" ? `${word("failed")}\n${made.told}` : word("certified"));
    $("enqueue-with").hidden = made.stage !== "certified"; $("certify").hidden = made.stage === "certified";
  }));
  $("enqueue").addEventListener("click", doing(async () => {
    const made = await ask(`models/${model}/queue`, { method: "POST", json: { copies: Number($("copies").value), priority: Number($("priority").value) } });
    $("made").dataset.job = `J${made.job}`;
    $("enqueue-with").hidden = true;
    say(`${word("queued_as")} J${made.job}`, false);
  }));

  $("report").addEventListener("load", () => { $("report").dataset.loaded = "yes"; });

  connect();
  doing(load)();
})();
