"""Every resource there is."""

from fastapi import APIRouter

from csms.api.live.routes import live
from csms.api.operator.api_keys import api_keys
from csms.api.operator.audit import audit
from csms.api.operator.certificates import certificates, station_certificates
from csms.api.operator.charging_profiles import charging_profiles, station_charging
from csms.api.operator.commands import commands, station_commands
from csms.api.operator.configuration_templates import configuration_templates, station_configuration
from csms.api.operator.connection_attempts import connection_attempts, station_connection_attempts
from csms.api.operator.daily_totals import daily_totals
from csms.api.operator.evses import station_evses
from csms.api.operator.facts import facts
from csms.api.operator.firmware import firmware_campaigns, firmware_images
from csms.api.operator.frames import frames, station_frames
from csms.api.operator.id_tokens import id_tokens
from csms.api.operator.inbox import inbox
from csms.api.operator.local_lists import list_rules, local_lists, station_local_list
from csms.api.operator.locations import locations
from csms.api.operator.ocpp_actions import ocpp_actions
from csms.api.operator.ocpp_raw import ocpp_raw
from csms.api.operator.organisations import organisations
from csms.api.operator.overview import overview
from csms.api.operator.quirks import quirk_profiles, station_quirks
from csms.api.operator.reservations import reservations
from csms.api.operator.review import review
from csms.api.operator.security_events import security_events
from csms.api.operator.sessions import sessions
from csms.api.operator.settings import settings
from csms.api.operator.setup import setup
from csms.api.operator.sign_in import sign_in_router
from csms.api.operator.station_jobs import files, job_placing, station_jobs
from csms.api.operator.station_security import station_security
from csms.api.operator.stations import stations
from csms.api.operator.users import users

OPERATOR: tuple[APIRouter, ...] = (
    sign_in_router,
    setup,
    settings,
    organisations,
    users,
    api_keys,
    audit,
    locations,
    stations,
    station_evses,
    inbox,
    station_commands,
    commands,
    ocpp_raw,
    ocpp_actions,
    overview,
    daily_totals,
    sessions,
    id_tokens,
    reservations,
    list_rules,
    local_lists,
    station_local_list,
    charging_profiles,
    station_charging,
    configuration_templates,
    station_configuration,
    job_placing,
    station_jobs,
    files,
    firmware_images,
    firmware_campaigns,
    certificates,
    station_certificates,
    station_security,
    security_events,
    connection_attempts,
    station_connection_attempts,
    review,
    station_quirks,
    quirk_profiles,
    frames,
    station_frames,
    facts,
    live,
)
