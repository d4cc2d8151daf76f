"""Prints the OpenAPI document, from which the console's client is made; no server is needed for it."""

import json
import sys
from types import SimpleNamespace
from typing import Any, cast

from csms.api.app import create_app
from csms.api.context import ApiSettings
from csms.kit.clock import SystemClock

context = SimpleNamespace(settings=ApiSettings(), clock=SystemClock(), database=None, bus=None, tasks=None)
json.dump(create_app(cast(Any, context)).openapi(), sys.stdout)
