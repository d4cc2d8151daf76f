export const frame = {
  nav: {
    main: "Main navigation", overview: "Overview", stations: "Stations", map: "Map", sessions: "Sessions",
    access: "Access", inbox: "Inbox", settings: "Settings", collapse: "Collapse navigation", expand: "Expand navigation",
    skip: "Skip to content", home: "Bluesky, overview", more: "More",
  },
  unsaved: { title: "Leave without saving?", help: "What you entered here is not saved yet and would be lost.", leave: "Leave", stay: "Stay here" },
  link: {
    live: "Live", connecting: "Connecting …", lost: "Reconnecting – showing {{time}}",
    live_help: "Changes appear by themselves.", lost_help: "The link to the server is lost. It comes back and catches up by itself.",
  },
  bar: {
    palette: "Search or do …", place: "Shown", everywhere: "Everywhere", language: "Language", theme: "Theme", light: "Light", dark: "Dark", auto: "As the system",
    me: "My account", sign_out: "Sign out", reference: "API reference", profile: "My account",
  },
  palette: {
    title: "Search and commands", placeholder: "Station, session, id token, page or action", nothing: "Nothing found for “{{text}}”.",
    pages: "Pages", stations: "Stations", sessions: "Sessions", tokens: "Id tokens", actions: "Actions", locations: "Locations",
    hint: "↑ ↓ choose · Enter opens · Esc closes", reset: "Reset {{name}}", session_of: "{{token}} at {{station}}",
  },
  sign_in: {
    title: "Sign in to Bluesky", email: "E-mail address", password: "Password", submit: "Sign in", show: "Show password",
    hide: "Hide password", wrong: "E-mail address and password do not match.",
    patience: "Too many attempts. Wait {{time}} and try again.", setup_needed: "Nobody can sign in yet. Open the set-up link that the server printed when it started.",
    about: "Charging stations, live and under control.", ended: "You are signed out.",
  },
  setup: {
    title: "Set up Bluesky", step: "Step {{step}} of {{steps}}", who: "Create the first administrator", who_help: "This link works once.",
    organisation: "Organisation", organisation_help: "Who operates the stations.", your_name: "Your name",
    password_help: "At least 10 characters. Three random words are good.", create: "Create and sign in",
    no_token: "This address lacks its token. Open the whole link that the server printed when it started.",
    location: "Your first location", location_help: "A place with charging stations. Its time zone decides in which zone its times are shown.",
    location_name: "Name of the location", city: "City", country: "Country", country_help: "Two letters, such as DE or CN",
    time_zone: "Time zone", latitude: "Latitude", longitude: "Longitude", address: "Address", skip: "Skip for now",
    connect: "Connect a charging station", connect_help: "Choose the identity that the station will use. It gets its own address and password.",
    identity: "Identity", identity_help: "Letters, digits and - _ . as printed on the station, for example CS-014", create_station: "Create station",
    paste: "Enter this at the station", url: "Server address (OCPP 1.6J)", password: "Password", user: "User name",
    once: "The password is shown this once. Copy it now.", waiting: "Waiting for {{identity}} to connect …",
    connected: "{{identity}} is connected", handshake: "First handshake", hs_connected: "The station connected from {{address}}",
    hs_boot: "It introduced itself: {{vendor}} {{model}}, firmware {{firmware}}", hs_status: "It reported its connectors",
    hs_waiting: "not yet", to_station: "Open the station", knocking: "Somebody knocks: {{identity}} from {{address}}",
    knocking_help: "A station with another identity tried to connect. If it is yours, correct the identity or adopt it from the inbox.",
  },
};
