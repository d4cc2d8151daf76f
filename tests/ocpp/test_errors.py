import pytest

from csms.ocpp.errors import ErrorCode, OcppError, normalised_code


@pytest.mark.behaviour("B-050")
def test_the_codes_are_spelled_as_in_1_6_wrong_ones_included() -> None:
    assert {value for name, value in vars(ErrorCode).items() if name.isupper()} == {
        "NotImplemented",
        "NotSupported",
        "InternalError",
        "ProtocolError",
        "SecurityError",
        "FormationViolation",
        "PropertyConstraintViolation",
        "OccurenceConstraintViolation",
        "TypeConstraintViolation",
        "GenericError",
    }


@pytest.mark.behaviour("B-050")
def test_the_spellings_of_later_versions_are_understood() -> None:
    assert normalised_code("FormatViolation") == ErrorCode.FORMATION_VIOLATION
    assert normalised_code("OccurrenceConstraintViolation") == ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION
    assert normalised_code("GenericError") == "GenericError"
    assert normalised_code("VendorSpecific") == "VendorSpecific"


def test_a_description_has_at_most_255_characters() -> None:
    error = OcppError(ErrorCode.GENERIC_ERROR, "电" * 300, {"cause": 1})
    assert error.description == "电" * 255
    assert error.details == {"cause": 1}
    assert str(error).startswith("GenericError: 电")
