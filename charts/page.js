"use strict";
const make = (name, attributes = {}, ...children) => {
  const element = Object.assign(document.createElement(name), attributes);
  element.append(...children);
  return element;
};

// Charts, each drawn when it can be seen, since its width is that of its card. A name of a legend hides what it names in
// all charts of its card; charts that belong together point at the same place.
const drawings = [...document.querySelectorAll(".drawing")];
const drawn = drawings.map(() => null);
const hidden = place => [...place.closest(".card:has(.legend)")?.querySelectorAll(".legend [aria-pressed=false]") ?? []]
  .map(button => button.dataset.series);
const draw = async (place, n) => {
  if (drawn[n] || !place.getClientRects().length) return;
  const spec = JSON.parse(place.querySelector("script").textContent);
  drawn[n] = vegaEmbed(place, spec, { ast: true, actions: false, renderer: place.dataset.renderer });
  const { view } = await drawn[n];
  place.view = view;
  const signals = view.getState({ signals: name => name === "hidden" }).signals;
  if ("hidden" in signals) await view.signal("hidden", hidden(place)).runAsync();
  if (place.dataset.together) view.addDataListener("at_store", (_, at) => pointAt(place, at));
  if (place.dataset.renderer === "canvas") canZoom(place);
};
const pointAt = (from, at) => {
  for (const place of drawings)
    if (place !== from && place.view && place.dataset.together === from.dataset.together
      && JSON.stringify(place.view.data("at_store")) !== JSON.stringify(at))
      place.view.data("at_store", at).runAsync();
};
const drawAll = () => drawings.forEach(draw);
for (const button of document.querySelectorAll(".legend button"))
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") === "false");
    for (const place of drawings)
      if (place.view && button.closest(".card").contains(place))
        place.view.signal("hidden", hidden(place)).runAsync();
  });

// the map: buttons for whoever has no wheel, and a point leads to its customer
const canZoom = place => {
  const zoom = factor => {
    for (const axis of ["x", "y"]) {
      const [low, high] = place.view.scale(axis).domain();
      const [middle, half] = [(low + high) / 2, (high - low) / 2 * factor];
      place.view.signal(`move_${axis}`, factor ? [middle - half, middle + half] : null);
    }
    place.view.runAsync();
  };
  const button = (text, factor) => {
    const made = make("button", { type: "button" }, text);
    made.addEventListener("click", () => zoom(factor));
    return made;
  };
  place.after(make("p", { className: "zoom" }, button("Zoom in", 0.5), button("Zoom out", 2), button("Whole map", 0)));
  place.view.addEventListener("click", (_, item) => {
    if (item?.datum?.customer) location.href = "actions.html#customer=" + encodeURIComponent(item.datum.customer);
  });
};

// one of several panels at a time
for (const panels of document.querySelectorAll(".panels")) {
  const select = panels.querySelector("select");
  const show = () => {
    for (const panel of panels.querySelectorAll(":scope > [data-panel]"))
      panel.hidden = panel.dataset.panel !== select.value;
    drawAll();
    dispatchEvent(new Event("resize")); // charts drawn for another width
  };
  select.addEventListener("change", show);
  show();
}
drawAll();

// served by charts/server.py, which names the newest build; other servers know no such thing and are not asked again
const build = document.getElementById("build-id").textContent;
const askForNewer = async () => {
  const answer = await fetch("build").catch(() => null);
  if (answer && !answer.ok && answer.status !== 503) return;
  const newest = answer?.ok ? await answer.text() : build;
  if (newest === build) setTimeout(askForNewer, 5000);
  else document.getElementById("newer").hidden = false;
};
if (location.protocol.startsWith("http")) setTimeout(askForNewer, 5000);
document.querySelector("#newer a").addEventListener("click", event => { event.preventDefault(); location.reload(); });

// figures as charts/formats.py writes them
const whole = value => Math.round(value).toLocaleString("en-GB");
const shown = (value, kind, currency) => {
  if (value === null) return "–";
  if (kind === "whole") return whole(value);
  if (kind === "units") return value.toLocaleString("en-GB", { maximumFractionDigits: 3 });
  if (kind === "money") return (value < -0.5 ? "-" : "") + currency + whole(Math.abs(value));
  if (kind === "percent" && value === 0) return "0%";
  if (kind === "percent" && value > 0 && value < 0.0005) return "<0.1%";
  if (kind === "percent" && value >= 0.995 && value < 1) return ">99%";
  if (kind === "percent") return (value * 100).toFixed(Math.abs(value) >= 0.0995 ? 0 : 1) + "%";
  if (kind === "figure") return Number.isInteger(value) && value > 1 ? whole(value) : value.toFixed(3);
  if (kind === "day")
    return new Date(value + "T00:00:00Z").toLocaleDateString(
      "en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  return String(value);
};
const isNumber = kind => ["whole", "units", "money", "percent", "figure"].includes(kind);

// as in published/csv: texts are quoted, and what a spreadsheet would take for a formula has an apostrophe
const csvCell = (value, kind) => {
  if (value === null) return "";
  if (isNumber(kind) || kind === "day") return String(value);
  return '"' + String(value).replace(FORMULA, "$1'$2").replaceAll('"', '""') + '"';
};

const explore = root => {
  const { columns, values, filters, download, currency, colours } =
    JSON.parse(root.querySelector("script").textContent);
  const get = (row, n) => {
    const { levels, codes } = values[n];
    return Array.isArray(codes[row])
      ? codes[row].map(code => levels[code]).join(columns[n].kind === "steps" ? " → " : ", ")
      : levels[codes[row]];
  };
  columns.forEach((column, n) => column.n = n);
  const shownColumns = columns.filter(column => column.kind !== "hidden" && !column.opens);
  const place = key => columns.findIndex(column => column.key === key);
  const asked = new URLSearchParams(location.hash.slice(1));
  const step = 25;
  let rows = [...values[0].codes.keys()], found = rows, limit = step, sorted = null;

  const selects = Object.entries(filters).map(([key, first]) => {
    const n = place(key);
    const select = make("select", { name: key }, make("option", { value: "" }, "all"));
    const levels = values[n].levels.filter(level => level !== null).sort();
    select.append(...levels.map(level => make("option", { value: level }, String(level))));
    const ask = filters => {
      const wanted = filters.get(key) ?? (filters.has("customer") ? "" : first);
      select.value = levels.map(String).includes(wanted) ? wanted : "";
    };
    return { n, select, ask };
  });
  const search = make("input", { type: "search", name: "search", placeholder: "any text" });
  const count = make("p", { className: "count", tabIndex: -1 });
  let only = null; // the customer of a point of the map
  const button = make("button", { className: "main", type: "button" }, "Download what is shown (CSV)");
  root.querySelector(".controls").append(
    ...selects.map(({ n, select }) => make("label", {}, columns[n].head, select)),
    make("label", {}, "Search", search), button, count);

  const head = make("tr");
  shownColumns.forEach(column => {
    const { n } = column;
    const sort = make("button", { type: "button", title: "sort" }, column.head);
    sort.addEventListener("click", () => {
      // of figures the largest first
      sorted = { n, sign: sorted && sorted.n === n ? -sorted.sign : isNumber(column.kind) ? -1 : 1 };
      for (const other of head.children) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", sorted.sign > 0 ? "ascending" : "descending");
      draw();
    });
    const cell = make("th", { className: isNumber(column.kind) ? "number" : "" }, sort);
    cell.setAttribute("scope", "col");
    head.append(cell);
  });
  const body = make("tbody");
  root.querySelector("table").append(make("thead", {}, head), body);

  const opens = columns.some(one => one.opens);
  const cellOf = (row, column, n) => {
    const text = shown(get(row, n), column.kind, currency);
    const cell = make("td", { className: isNumber(column.kind) ? "number" : column.kind === "day" ? "short" : "" });
    if (column.kind === "segment" && colours[get(row, place("segment_key"))])
      cell.append(Object.assign(make("i", { className: "dot" }),
        { style: "background:" + colours[get(row, place("segment_key"))] }));
    cell.dataset.head = column.head;
    if (opens && n === shownColumns[0].n) {
      const open = make("button", { type: "button", className: "open" }, text);
      open.setAttribute("aria-expanded", "false");
      cell.append(open);
    } else cell.append(text);
    if (column.kind === "segment" && place("was") >= 0 && get(row, place("was")))
      cell.append(make("small", {}, get(row, place("was"))));
    return cell;
  };
  const detailsOf = row => make("tr", { className: "opens" }, make("td", { colSpan: shownColumns.length },
    make("dl", {}, ...columns.flatMap((column, n) => !column.opens || get(row, n) === null ? [] :
      [make("dt", {}, column.head), make("dd", {}, shown(get(row, n), column.kind, currency))]))));
  body.addEventListener("click", event => {
    const open = event.target.closest("button.open");
    if (!open) return;
    const line = open.closest("tr"), isOpen = open.getAttribute("aria-expanded") === "true";
    open.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) line.nextSibling.remove();
    else line.after(detailsOf(Number(line.dataset.row)));
  });
  const compare = (a, b) => {
    const [x, y] = [get(a, sorted.n), get(b, sorted.n)];
    if (x === y) return a - b;
    if (x === null || y === null) return x === null ? 1 : -1;
    return (x < y ? -1 : 1) * sorted.sign;
  };
  const draw = () => {
    const text = search.value.trim().toLowerCase();
    found = rows.filter(row =>
      (!only || get(row, 0) === only) && selects.every(({ n, select }) => !select.value || String(get(row, n)) === select.value) &&
      (!text || columns.some((_, n) => String(get(row, n) ?? "").toLowerCase().includes(text))));
    if (sorted) found.sort(compare);
    body.replaceChildren(...found.slice(0, limit).map(lineOf));
    const chosen = selects.filter(({ select }) => select.value).map(({ n, select }) => `${columns[n].head}: ${select.value}`);
    if (text) chosen.push(`Search: ${text}`);
    count.replaceChildren(`${whole(found.length)} of ${whole(rows.length)} rows`);
    sayMore(chosen);
  };
  const lineOf = row => {
    const line = make("tr", {}, ...shownColumns.map(column => cellOf(row, column, column.n)));
    line.dataset.row = row;
    return line;
  };
  const sayMore = chosen => {
    // what paper would not show
    count.querySelector(".printed")?.remove();
    count.append(make("span", { className: "printed" },
      [found.length > limit ? `; the first ${whole(limit)} are here` : "", ...chosen].filter(Boolean).join("; ")));
    const more = root.querySelector(".more");
    more.replaceChildren();
    if (!found.length) more.append("No row fits these filters.");
    if (found.length > limit) {
      const next = make("button", { className: "main", type: "button" },
        `Show ${whole(Math.min(step, found.length - limit))} more`);
      next.addEventListener("click", () => {
        const lines = found.slice(limit, limit + step).map(lineOf);
        limit += step;
        body.append(...lines);
        sayMore(chosen);
        lines[0].tabIndex = -1;
        lines[0].focus();
      });
      more.append(next);
    }
  };
  const restart = () => { limit = step; only = null; draw(); };
  selects.forEach(({ select }) => select.addEventListener("change", restart));
  search.addEventListener("input", restart);
  const choose = filters => {
    search.value = filters.get("search") ?? "";
    selects.forEach(({ ask }) => ask(filters));
    limit = step;
    only = filters.get("customer");
    draw();
    if (!filters.size) return;
    root.scrollIntoView();
    count.focus({ preventScroll: true });
    if (only) body.querySelector("button.open")?.click();
  };
  // the same link once more changes no hash
  document.addEventListener("click", event => {
    if (event.target.closest("a")?.href === location.href) choose(new URLSearchParams(location.hash.slice(1)));
  });
  addEventListener("hashchange", () => choose(new URLSearchParams(location.hash.slice(1))));
  button.addEventListener("click", () => {
    const lines = [columns.map(column => column.key),
      ...found.map(row => columns.map((column, n) => csvCell(get(row, n), column.kind)))];
    const link = make("a", { download, href: URL.createObjectURL(new Blob(
      ["\ufeff" + lines.map(line => line.join(",")).join("\r\n") + "\r\n"], { type: "text/csv" })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  choose(asked);
};
document.querySelectorAll(".explorer").forEach(explore);
