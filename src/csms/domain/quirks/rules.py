"""The repairs there are, by name, in words; what they do to a frame is the gateway's business."""

from typing import Final

TIME_FORMAT: Final = "time_format"
TRANSACTION_ID: Final = "transaction_id"
CONNECTOR_ID: Final = "connector_id"
METER_STOP_IS_ENERGY: Final = "meter_stop_is_energy"
ABSURD_ENERGY: Final = "absurd_energy"
LOCAL_TIMES: Final = "local_times"
LOCAL_TIMES_SAID_UTC: Final = "local_times_said_utc"
ENERGY_KWH_SAID_WH: Final = "energy_kwh_said_wh"
ENERGY_WH_SAID_KWH: Final = "energy_wh_said_kwh"
POWER_KW_SAID_W: Final = "power_kw_said_w"
POWER_W_SAID_KW: Final = "power_w_said_kw"
REGISTER_IN_KWH: Final = "register_in_kwh"
REGISTER_IN_TENTHS_OF_KWH: Final = "register_in_tenths_of_kwh"
REGISTER_IN_TENTHS: Final = "register_in_tenths"

REPAIRS: Final = {
    "broken_json": "members without a value and commas that separate nothing are left out",
    TRANSACTION_ID: "a missing, zero or absurd transaction id is the only transaction running on the connector",
    "null_fields": "fields that are null are left out",
    "extra_fields": "fields that the message does not have are left out",
    "loose_types": "numbers written as text, and text written as numbers",
    "long_strings": "text is cut to what its field may hold",
    "unknown_values": "an unknown value is the same in other letters, or Other, or left out",
    LOCAL_TIMES: "times without zone are in the zone of the station's location",
    TIME_FORMAT: "times in any form of ISO 8601; without zone they are UTC",
    LOCAL_TIMES_SAID_UTC: "times that say UTC are in the zone of the station's location",
    CONNECTOR_ID: "a connector number beyond reason is the only connector there is, or the whole station",
    ENERGY_KWH_SAID_WH: "energy readings that say Wh are in kWh",
    ENERGY_WH_SAID_KWH: "energy readings that say kWh are in Wh",
    POWER_KW_SAID_W: "power readings that say W are in kW",
    POWER_W_SAID_KW: "power readings that say kW are in W",
    REGISTER_IN_KWH: "meterStart and meterStop are in kWh",
    REGISTER_IN_TENTHS_OF_KWH: "meterStart and meterStop are in tenths of a kWh",
    REGISTER_IN_TENTHS: "meterStart and meterStop are in tenths of a Wh",
    METER_STOP_IS_ENERGY: "a meterStop below its meterStart is the energy delivered",
    ABSURD_ENERGY: "readings of more energy than any session can take are left out",
}
ALWAYS: Final = frozenset({TIME_FORMAT})  # on for every station: OCPP itself asks for ISO 8601 and UTC
