"""How a station obeys: the one table of what a central system may ask for, a file a feature profile.

An action that is not in the table is answered NotSupported.
"""

from collections.abc import Mapping

from csms.simulator.commands import (
    certificates,
    core,
    firmware,
    local_auth_list,
    remote_trigger,
    reservation,
    security,
    smart_charging,
)
from csms.simulator.station import Command

COMMANDS: Mapping[str, Command] = {
    "CancelReservation": Command(reservation.cancel_reservation, "Reservation"),
    "CertificateSigned": Command(certificates.certificate_signed),
    "ChangeAvailability": Command(core.change_availability),
    "ChangeConfiguration": Command(core.change_configuration),
    "ClearCache": Command(core.clear_cache),
    "ClearChargingProfile": Command(smart_charging.clear_charging_profile, "SmartCharging"),
    "DataTransfer": Command(core.data_transfer),
    "DeleteCertificate": Command(certificates.delete_certificate),
    "ExtendedTriggerMessage": Command(remote_trigger.extended_trigger_message),
    "GetCompositeSchedule": Command(smart_charging.get_composite_schedule, "SmartCharging"),
    "GetConfiguration": Command(core.get_configuration),
    "GetDiagnostics": Command(firmware.get_diagnostics, "FirmwareManagement"),
    "GetInstalledCertificateIds": Command(certificates.get_installed_certificate_ids),
    "GetLocalListVersion": Command(local_auth_list.get_local_list_version),
    "GetLog": Command(security.get_log),
    "InstallCertificate": Command(certificates.install_certificate),
    "RemoteStartTransaction": Command(core.remote_start_transaction),
    "RemoteStopTransaction": Command(core.remote_stop_transaction),
    "ReserveNow": Command(reservation.reserve_now, "Reservation"),
    "Reset": Command(core.reset),
    "SendLocalList": Command(local_auth_list.send_local_list),
    "SetChargingProfile": Command(smart_charging.set_charging_profile, "SmartCharging"),
    "SignedUpdateFirmware": Command(security.signed_update_firmware, "FirmwareManagement"),
    "TriggerMessage": Command(remote_trigger.trigger_message, "RemoteTrigger"),
    "UnlockConnector": Command(core.unlock_connector),
    "UpdateFirmware": Command(firmware.update_firmware, "FirmwareManagement"),
}

__all__ = ["COMMANDS"]
