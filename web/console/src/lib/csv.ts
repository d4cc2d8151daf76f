/** CSV as spreadsheets write and read it (RFC 4180, `;` understood, byte order mark for Excel). */
type Cell = string | number | boolean | null | undefined;

export function toCsv(rows: Cell[][]): string {
  return "\ufeff" + rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** Text that a spreadsheet would run as a formula is kept text. */
function cell(value: Cell): string {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows of cells, empty lines left out; each with the number of its line. */
export function parseCsv(text: string): { line: number; cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  const first = text.split(/\r?\n/, 1)[0] ?? "";
  const comma = (first.match(/;/g)?.length ?? 0) > (first.match(/,/g)?.length ?? 0) ? ";" : ",";
  let cells: string[] = [];
  let now = "";
  let quoted = false;
  let line = 1;
  let start = 1;
  const end = () => {
    cells.push(now.trim());
    if (cells.some((value) => value !== "")) rows.push({ line: start, cells });
    cells = [];
    now = "";
  };
  const source = text.replace(/^\ufeff/, "");
  for (let index = 0; index < source.length; index++) {
    const char = source[index]!;
    if (char === "\n") line++;
    if (quoted) {
      if (char !== '"') now += char;
      else if (source[index + 1] === '"') { now += '"'; index++; }
      else quoted = false;
    } else if (char === '"' && now === "") quoted = true;
    else if (char === comma) { cells.push(now.trim()); now = ""; }
    else if (char === "\n") { end(); start = line; }
    else if (char !== "\r") now += char;
  }
  end();
  return rows;
}

export function download(name: string, content: string, type = "text/csv;charset=utf-8"): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 1_000);
}
