"""Every resource there is."""

from fastapi import APIRouter

from csms.api.operator.organisations import organisations

OPERATOR: tuple[APIRouter, ...] = (organisations,)
