export const words = {
  state: {
    available: "Available", preparing: "Plugged in", charging: "Charging", suspended_ev: "Paused by car",
    suspended_evse: "Paused by station", finishing: "Finishing – unplug", reserved: "Reserved",
    unavailable: "Out of service", faulted: "Fault", unknown: "Not reported",
  },
  presence: {
    online: "Online", offline: "Offline", new: "Never connected", offline_for: "Offline for {{time}}",
    last_known: "last known: {{state}}", seen: "Last message {{time}} ago", never: "No message yet",
  },
  word: {
    confirm: "Confirm", cancel: "Cancel", save: "Save", close: "Close", delete: "Delete", edit: "Edit", add: "Add",
    back: "Back", retry: "Try again", copy: "Copy", copied: "Copied", undo: "Undo", more: "More actions", all: "All",
    none: "None", yes: "Yes", no: "No", search: "Search", filter: "Filter", clear: "Clear filters", clear_search: "Clear the search", columns: "Columns",
    export: "Export", import: "Import", refresh: "Refresh", name: "Name", status: "Status", created: "Created",
    optional: "optional", now: "now", ago: "{{time}} ago", since: "for {{time}}", loading: "Loading …",
    rows: "{{from}}–{{to}} of {{total}}", previous: "Previous page", next: "Next page", selected_one: "{{count, number}} selected",
    selected_other: "{{count, number}} selected", select_every: "Select all that are listed", select_all: "Select all on this page", select_row: "Select {{name}}",
    show_more: "Show more", actions: "Actions", details: "Details", continue: "Continue", done: "Done", page_size: "Rows",
    view_table: "Show as table", view_chart: "Show as chart", required: "Please fill this in.", on: "on", off: "off",
    saved: "Saved", open: "Open", evse: "EVSE {{number}}", compact: "Compact rows", view: "Columns and views", of: "of",
  },
  problem: {
    title: "This could not be loaded", unreachable: "The server does not answer.",
    unreachable_help: "Nothing was changed. Check the connection; this page tries again when you ask it to.",
    kept: "What you entered is kept.", request: "Request {{id}}", home: "To the overview", not_found: "There is nothing here",
    not_found_help: "The address leads to nothing, or it was deleted. Look for it with Ctrl-K.",
    crashed: "This page stopped working", crashed_help: "Nothing was changed at the server. Reload the page to go on.",
    reload: "Reload", fields: "Please look at the fields marked below.", unexpected: "The answer could not be understood.",
    not_allowed: "Your role allows looking, not changing.",
  },
  days: { label: "Days", any: "Any day", today: "Today", yesterday: "Yesterday", week: "Last 7 days", month: "Last 30 days", own: "From – to …" },
  unit: { energy: "Energy", power: "Power", soc: "Battery", current: "Current", voltage: "Voltage", duration: "Duration" },
};
