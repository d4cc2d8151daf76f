"""Meter values as readings: Wh, W, %, and every sample kept (OCPP 1.6 §4.7, §7.33, §7.43)."""

import json

import pytest

from .conftest import Play

START = """
        >> StartTransaction {"connectorId": 1, "idTag": "FRIEND", "meterStart": 1000, "timestamp": "2030-01-01T10:00:00Z"}
        << {"transactionId": $tx, "idTagInfo": {"status": "Accepted"}}
"""


def meter_values(*samples: dict[str, str], at: str = "2030-01-01T10:15:00Z", transaction: str = "$tx") -> str:
    value = [{"timestamp": at, "sampledValue": list(samples)}]
    return f"""
        >> MeterValues {{"connectorId": 1, "transactionId": {transaction}, "meterValue": {json.dumps(value)}}}
        << {{}}
    """


async def test_a_bare_value_is_the_energy_register_in_watt_hours(play: Play) -> None:
    await play(
        f"""{START}{meter_values({"value": "1500"})}
        == readings [{{"session_id": $tx, "evse": 1, "number": 0, "at": "2030-01-01T10:15:00Z",
             "context": "Sample.Periodic", "energy_wh": 1500.0, "power_w": null, "soc_percent": null}}]
        == sessions [{{"state": "active", "energy_wh": 500, "reading_at": "2030-01-01T10:15:00Z"}}]
        """
    )


@pytest.mark.behaviour("B-021")
async def test_kilo_units_are_converted_to_the_watt_hour(play: Play) -> None:
    """1.001 × 1000 is a little less than 1001 in binary: the watt-hour must not be lost to that."""
    energy = {"value": "1.001", "unit": "kWh", "measurand": "Energy.Active.Import.Register"}
    power = {"value": "7.36", "unit": "kW", "measurand": "Power.Active.Import"}
    soc = {"value": "41", "unit": "Percent", "measurand": "SoC", "location": "EV"}
    await play(
        f"""{START}{meter_values(energy, power, soc)}
        == readings [{{"energy_wh": 1001.0, "power_w": 7360.0, "soc_percent": 41.0}}]
        == sessions [{{"energy_wh": 1, "power_w": 7360.0, "soc_percent": 41.0}}]
        """
    )


@pytest.mark.behaviour("B-022")
async def test_phases_without_a_total_are_summed_and_a_total_is_taken_as_it_is(play: Play) -> None:
    def power(value: str, phase: str | None) -> dict[str, str]:
        sample = {"value": value, "measurand": "Power.Active.Import", "unit": "W"}
        return sample if phase is None else sample | {"phase": phase}

    await play(
        f"""{START}
        {meter_values(power("2300", "L1"), power("2310", "L2"), power("2320", "L3"))}
        {meter_values(power("2300", "L1"), power("2310", "L2"), power("7000", None), at="2030-01-01T10:16:00Z")}
        == readings [{{"power_w": 6930.0}}, {{"power_w": 7000.0}}]
        == sessions [{{"power_w": 7000.0}}]
        """
    )


@pytest.mark.behaviour("B-021", "B-022")
async def test_every_measurand_is_kept_with_phase_and_location(play: Play) -> None:
    samples = (
        {"value": "16.1", "measurand": "Current.Import", "phase": "L1", "unit": "A"},
        {"value": "0", "measurand": "Current.Import", "phase": "N", "unit": "A", "location": "Inlet"},
        {"value": "229.7", "measurand": "Voltage", "phase": "L1-N", "unit": "V", "location": "Outlet"},
        {"value": "50.02", "measurand": "Frequency"},
        {"value": "104", "measurand": "Temperature", "unit": "Fahrenheit", "location": "Body"},
        {"value": "313.15", "measurand": "Temperature", "unit": "K"},
        {"value": "21", "measurand": "Temperature", "unit": "Celcius"},
    )
    kept = json.dumps(
        '[{"quantity":"current_a","value":16.1,"phase":"L1"},'
        '{"quantity":"current_a","value":0.0,"phase":"N","location":"Inlet"},'
        '{"quantity":"voltage_v","value":229.7,"phase":"L1-N"},{"quantity":"frequency_hz","value":50.02},'
        '{"quantity":"temperature_c","value":40.0,"location":"Body"},{"quantity":"temperature_c","value":40.0},'
        '{"quantity":"temperature_c","value":21.0}]'
    )
    await play(
        f"""{START}{meter_values(*samples)}
        == readings [{{"energy_wh": null, "power_w": null, "samples": {kept}}}]
        """
    )


@pytest.mark.behaviour("B-023")
async def test_signed_data_are_kept_as_they_came(play: Play) -> None:
    signed = {"value": "OCMF|{}|{}", "format": "SignedData", "context": "Transaction.Begin"}
    kept = json.dumps('[{"quantity":"energy_wh","value":null,"text":"OCMF|{}|{}","context":"Transaction.Begin"}]')
    await play(
        f"""{START}{meter_values(signed)}
        == readings [{{"energy_wh": null, "context": "Transaction.Begin", "samples": {kept}}}]
        == sessions [{{"energy_wh": 0}}]
        """
    )


@pytest.mark.parametrize("text", ["error", "", "NaN", "inf", "-Infinity", "1e999", "1e300", "12,5", "0x10"])
async def test_what_is_no_number_is_kept_as_text(play_pure: Play, text: str) -> None:
    kept = json.dumps(json.dumps([{"quantity": "energy_wh", "value": None, "text": text}], separators=(",", ":")))
    await play_pure(
        f"""
        >> MeterValues {{"connectorId": 1, "meterValue": [
             {{"timestamp": "2030-01-01T10:15:00Z", "sampledValue": [{{"value": {json.dumps(text)}}}]}}]}}
        << {{}}
        == readings [{{"energy_wh": null, "samples": {kept}}}]
        """
    )


@pytest.mark.behaviour("B-018")
async def test_meter_values_without_transaction_are_readings_of_the_evse(play: Play) -> None:
    await play(
        f"""{START}
        >> MeterValues {{"connectorId": 1, "meterValue": [
             {{"timestamp": "2030-01-01T10:15:00Z", "sampledValue": [{{"value": "99", "context": "Sample.Clock"}}]}},
             {{"timestamp": "2030-01-01T10:16:00Z", "sampledValue": [{{"value": "98", "context": "Trigger"}}]}}]}}
        << {{}}
        >> MeterValues {{"connectorId": 0, "meterValue": [
             {{"timestamp": "2030-01-01T10:15:00Z", "sampledValue": [{{"value": "123456"}}]}}]}}
        << {{}}
        == readings [{{"evse": 1, "number": 0, "session_id": null, "context": "Sample.Clock"}},
             {{"evse": 1, "number": 1, "session_id": null, "context": "Trigger"}},
             {{"evse": 0, "session_id": null, "energy_wh": 123456.0}}]
        == sessions [{{"energy_wh": 0}}]
        == review_items []
        """
    )


async def test_readings_of_an_unknown_transaction_are_kept_and_reviewed_once(play: Play) -> None:
    await play(
        f"""{meter_values({"value": "10"}, transaction="4711")}{meter_values({"value": "20"}, transaction="4711")}
        == readings [{{"session_id": null, "energy_wh": 10.0}}, {{"session_id": null, "energy_wh": 20.0}}]
        == review_items [{{"kind": "unknown_transaction", "subject": "4711"}}]
        """
    )


@pytest.mark.behaviour("B-019")
async def test_readings_after_the_stop_belong_to_the_session_and_change_nothing(play: Play) -> None:
    late = meter_values({"value": "2100"}, at="2030-01-01T10:59:59Z")
    await play(
        f"""{START}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 2000, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{}}
        {late}
        -- reconnect
        {late}
        == readings [{{"session_id": $tx}}, {{"session_id": $tx}}]
        == sessions [{{"state": "ended", "energy_wh": 1000, "power_w": 0.0}}]
        == review_items []
        """
    )


async def test_readings_out_of_order_never_take_energy_back(play: Play) -> None:
    await play(
        f"""{START}
        {meter_values({"value": "1900"}, {"value": "50", "measurand": "SoC"}, at="2030-01-01T10:20:00Z")}
        {meter_values({"value": "1400"}, {"value": "40", "measurand": "SoC"}, at="2030-01-01T10:10:00Z")}
        {meter_values({"value": "17"}, at="2030-01-01T10:30:00Z")}
        == sessions [{{"energy_wh": 900, "soc_percent": 50.0, "reading_at": "2030-01-01T10:30:00Z"}}]
        """
    )


async def test_absurd_energy_is_kept_and_hurts_nobody(play: Play) -> None:
    await play(
        f"""{START}{meter_values({"value": "1e300"})}
        >> StopTransaction {{"transactionId": $tx, "meterStop": 2000, "timestamp": "2030-01-01T11:00:00Z"}}
        << {{}}
        == readings [{{"session_id": $tx}}]
        == sessions [{{"state": "ended", "energy_wh": 1000}}]
        """
    )
