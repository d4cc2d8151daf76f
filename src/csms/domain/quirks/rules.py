"""The repairs there are, by name, in words; what they do to a frame is the gateway's business."""

from typing import Final

TIME_FORMAT: Final = "time_format"
TRANSACTION_ID: Final = "transaction_id"
CONNECTOR_ID: Final = "connector_id"
METER_STOP_IS_ENERGY: Final = "meter_stop_is_energy"
ABSURD_ENERGY: Final = "absurd_energy"

REPAIRS: Final = {
    "broken_json": "members without a value and commas that separate nothing are left out",
    TRANSACTION_ID: "a missing, zero or absurd transaction id is the only transaction running on the connector",
    "null_fields": "fields that are null are left out",
    "extra_fields": "fields that the message does not have are left out",
    "loose_types": "numbers written as text, and text written as numbers",
    "long_strings": "text is cut to what its field may hold",
    "unknown_values": "an unknown value is the same in other letters, or Other, or left out",
    "local_times": "times without zone are in the zone of the station's location",
    TIME_FORMAT: "times in any form of ISO 8601; without zone they are UTC",
    "local_times_said_utc": "times that say UTC are in the zone of the station's location",
    CONNECTOR_ID: "a connector number beyond reason is the only connector there is, or the whole station",
    "energy_kwh_said_wh": "energy readings that say Wh are in kWh",
    "energy_wh_said_kwh": "energy readings that say kWh are in Wh",
    "power_kw_said_w": "power readings that say W are in kW",
    "register_in_kwh": "meterStart and meterStop are in kWh",
    "register_in_tenths": "meterStart and meterStop are in tenths of a Wh",
    METER_STOP_IS_ENERGY: "a meterStop below its meterStart is the energy delivered",
    ABSURD_ENERGY: "readings of more energy than any session can take are left out",
}
ALWAYS: Final = frozenset({TIME_FORMAT})  # on for every station: OCPP itself asks for ISO 8601 and UTC
