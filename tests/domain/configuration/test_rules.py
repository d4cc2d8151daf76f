"""What configuration keys may be."""

from csms.domain.configuration.rules import Wish, fault, merged, same, too_long


def test_values_that_mean_the_same_are_the_same():
    assert same("LocalPreAuthorize", "TRUE", "true")
    assert same("HeartbeatInterval", "0300", " 300")
    assert same("MeterValuesSampledData", "SoC, Voltage", "SoC,Voltage")
    assert not same("MeterValuesSampledData", "Voltage,SoC", "SoC,Voltage")
    assert not same("CpoName", "blue", "Blue")
    assert not same("CpoName", None, "")


def test_the_highest_priority_wins_key_by_key():
    low, high = Wish("low", 0, False, {"a": "1", "b": "1"}), Wish("high", 5, True, {"a": "2"})
    found = merged([low, high])
    assert {key: (value, wish.id) for key, (value, wish) in found.items()} == {"a": ("2", "high"), "b": ("1", "low")}


def test_limits_of_the_wire_and_of_the_station():
    assert fault("CpoName", "x" * 500) is None
    assert fault("CpoName", "x" * 501) is not None
    assert fault("k" * 51, "") is not None
    assert fault("HeartbeatInterval", "300") is None
    assert fault("WebSocketPingInterval", "-5") is not None
    assert fault("AdditionalRootCertificateCheck", "true") is not None
    assert too_long("StopTxnSampledData", "a,b,c", {"StopTxnSampledDataMaxLength": "2"})
    assert not too_long("StopTxnSampledData", "a,b", {"StopTxnSampledDataMaxLength": "2"})
    assert not too_long("StopTxnSampledData", "a,b,c", {})
