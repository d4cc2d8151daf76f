export const overview = {
  overview: {
    title: "Overview", needs: "Needs you", nothing: "Nothing needs you.", nothing_charging_one: "{{count, number}} car is charging.", nothing_charging_other: "{{count, number}} cars are charging.", nothing_charging_zero: "No car is charging right now.",
    now: "Now", stations: "Stations online", of: "of {{total}}", free: "{{n}} free", peak: "peak {{power}} in 24 h", charging: "Charging", power: "Power now", energy: "Energy today", sessions: "Sessions today",
    week: "{{change}} vs last {{day}}", week_none: "no figure from a week ago yet", curve: "Power in the last 24 hours", curve_help: "Average per quarter of an hour, in {{zone}}", connectors: "Connectors by status",
    more: "{{n}} more", offline_connectors: "Offline", no_connectors: "They appear when stations connect and report them.", no_curve: "The curve fills as cars charge.", time: "Time",
    days: "Energy by day, last 30 days", day: "{{date}}: {{energy}}, sessions: {{sessions}}, faults: {{faults}}", days_average: "{{energy}} a day", days_help: "Ended sessions, by the day they began at their location",
  },
  need: {
    faulted: "{{station}} fault: {{detail}}", faulted_at: "{{station}} · EVSE {{evse}} fault: {{detail}}", offline: "{{station}} offline", failed_start: "{{station}}: a start led to no session ({{detail}})", refused: "{{station}}: card refused, it charged anyway ({{detail}})", review: "{{station}}: {{detail}}",
    unknown: "Unknown station {{station}} wants in", since: "since {{time}}", reset: "Reset …", look: "Look", adopt: "Adopt …", review_do: "Review", frames: "Messages",
  },
  map: {
    title: "Map", said: "{{n}} locations, {{placed}} on the map", zoom_in: "Zoom in", zoom_out: "Zoom out", whole: "Show all", empty: "No location has coordinates yet", empty_help: "Add them in Settings → Locations.", stations_at: "{{count, number}} stations at {{name}}", label: "Map of locations", legend: "What the rings show", nowhere: "Not on the map: no coordinates", scale: "{{n}} km", scale_m: "{{n}} m",
  },
  inbox: {
    title: "Inbox", said_zero: "Nobody knocks at the door.", said_one: "{{count, number}} unknown station tried to connect.", said_other: "{{count, number}} unknown stations tried to connect.", empty: "No unknown stations", empty_help: "A station that connects with an identity nobody has added appears here, ready to be adopted.",
    of_no_place: "They belong to no place yet, so all of them are shown.",
    identity: "Identity", tries: "Tries", last: "Last try", first: "First try", from: "From", says: "Says it is", adopt: "Adopt", dismiss: "Dismiss", adopt_title: "Adopt {{identity}}", adopt_help: "It becomes one of your stations and gets a password, which you enter at the station.", dismissed: "{{identity}} is forgotten until it tries again.", list: "Unknown stations", no_password: "No password (open)", own_password: "Let it in without a password", open_help: "Only where nobody else can reach the server.",
  },
};
