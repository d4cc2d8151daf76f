"""Every resource there is."""

from fastapi import APIRouter

from csms.api.operator.api_keys import api_keys
from csms.api.operator.audit import audit
from csms.api.operator.organisations import organisations
from csms.api.operator.setup import setup
from csms.api.operator.sign_in import sign_in_router
from csms.api.operator.users import users

OPERATOR: tuple[APIRouter, ...] = (sign_in_router, setup, organisations, users, api_keys, audit)
