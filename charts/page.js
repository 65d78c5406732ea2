"use strict";
const make = (name, attributes = {}, ...children) => {
  const element = Object.assign(document.createElement(name), attributes);
  element.append(...children);
  return element;
};

// one of several panels at a time
for (const panels of document.querySelectorAll(".panels")) {
  const select = panels.querySelector("select");
  const show = () => {
    for (const panel of panels.querySelectorAll(":scope > [data-panel]"))
      panel.hidden = panel.dataset.panel !== select.value;
  };
  select.addEventListener("change", show);
  show();
}

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
  const get = (row, n) => values[n].levels[values[n].codes[row]];
  const place = key => columns.findIndex(column => column.key === key);
  const asked = new URLSearchParams(location.hash.slice(1));
  const step = 25;
  let rows = [...values[0].codes.keys()], found = rows, limit = step, sorted = null;

  const selects = Object.entries(filters).map(([key, first]) => {
    const n = place(key);
    const select = make("select", { name: key }, make("option", { value: "" }, "all"));
    const levels = [...values[n].levels].filter(level => level !== null);
    select.append(...levels.map(level => make("option", { value: level }, String(level))));
    const ask = filters => {
      const wanted = filters.get(key) ?? first;
      select.value = levels.map(String).includes(wanted) ? wanted : "";
    };
    ask(asked);
    return { n, select, ask };
  });
  const search = make("input", { type: "search", name: "search", placeholder: "any text" });
  const count = make("p", { className: "count" });
  const button = make("button", { className: "main", type: "button" }, "Download what is shown (CSV)");
  root.querySelector(".controls").append(
    ...selects.map(({ n, select }) => make("label", {}, columns[n].head, select)),
    make("label", {}, "Search", search), button, count);

  const head = make("tr");
  columns.forEach((column, n) => {
    if (column.kind === "hidden" || column.opens) return;
    const sort = make("button", { type: "button", title: "sort" }, column.head);
    sort.addEventListener("click", () => {
      sorted = { n, sign: sorted && sorted.n === n ? -sorted.sign : 1 };
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
    const isLong = text.length > 34;
    const cell = make("td", { className: isNumber(column.kind) ? "number" : isLong ? "" : "short" });
    // a sentence in about three lines
    if (isLong && !opens) cell.style.minWidth = Math.min(48, 7 + text.length / 5) + "em";
    if (column.kind === "segment" && colours[get(row, place("segment_key"))])
      cell.append(Object.assign(make("i", { className: "dot" }),
        { style: "background:" + colours[get(row, place("segment_key"))] }));
    cell.dataset.head = column.head;
    if (column.kind === "id" && opens) {
      const open = make("button", { type: "button", className: "open" }, text);
      open.setAttribute("aria-expanded", "false");
      cell.append(open);
    } else cell.append(text);
    return cell;
  };
  const shownColumns = columns.filter(column => column.kind !== "hidden" && !column.opens);
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
      selects.every(({ n, select }) => !select.value || String(get(row, n)) === select.value) &&
      (!text || columns.some((_, n) => String(get(row, n) ?? "").toLowerCase().includes(text))));
    if (sorted) found.sort(compare);
    body.replaceChildren(...found.slice(0, limit).map(row => {
      const line = make("tr", {}, ...columns.flatMap((column, n) =>
        column.kind === "hidden" || column.opens ? [] : cellOf(row, column, n)));
      line.dataset.row = row;
      return line;
    }));
    count.textContent = `${whole(found.length)} of ${whole(rows.length)} rows`;
    const more = root.querySelector(".more");
    more.replaceChildren();
    if (!found.length) more.append("No row fits these filters.");
    if (found.length > limit) {
      const next = make("button", { className: "main", type: "button" },
        `Show ${whole(Math.min(step, found.length - limit))} more`);
      next.addEventListener("click", () => { limit += step; draw(); });
      more.append(next);
    }
  };
  const restart = () => { limit = step; draw(); };
  selects.forEach(({ select }) => select.addEventListener("change", restart));
  search.addEventListener("input", restart);
  const choose = filters => { search.value = ""; selects.forEach(({ ask }) => ask(filters)); restart(); };
  addEventListener("hashchange", () => choose(new URLSearchParams(location.hash.slice(1))));
  document.querySelectorAll(`button[data-list="${root.id}"]`).forEach(one => one.addEventListener("click", () => {
    choose(new URLSearchParams(one.dataset.filters));
    button.click();
  }));
  button.addEventListener("click", () => {
    const lines = [columns.map(column => column.key),
      ...found.map(row => columns.map((column, n) => csvCell(get(row, n), column.kind)))];
    const link = make("a", { download, href: URL.createObjectURL(new Blob(
      ["\ufeff" + lines.map(line => line.join(",")).join("\r\n") + "\r\n"], { type: "text/csv" })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  draw();
};
document.querySelectorAll(".explorer").forEach(explore);
